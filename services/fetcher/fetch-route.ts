import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { badRequest } from "../core/protocol/bad-request.ts";
import { fetchSchema } from "../core/protocol/fetch-schema.ts";
import type { FetchRequest } from "./fetch-request.ts";
import type { Fetcher } from "./fetcher.ts";

const text = z.string("write a text");

/** The body of `POST /fetch`: the part of a task that defines the fetch. */
const fetchRequest = z.strictObject({
  url: text.min(1),
  fetch: z.strictObject(fetchSchema()).default({}),
  validators: z.strictObject({ etag: text.optional(), lastModified: text.optional() }).optional(),
});

/**
 * Adds `POST /fetch`: `{ url, fetch?, validators? }` in, the page out as JSON with `content` in base64. A failed page is status 200 as well, with
 * its `statusCode` 599 and its `error`. An invalid request is status 400 with `error: { code, message }`.
 */
export function registerFetchRoute(app: FastifyInstance, fetcher: Fetcher): void {
  app.post("/fetch", async (request, reply) => {
    const parsed = fetchRequest.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send(badRequest(parsed.error));
    const budgetLease = fetcher.openBudgetLease();
    try {
      const page = await fetcher.fetch(parsed.data as FetchRequest, budgetLease);
      return { ...page, content: Buffer.from(page.content).toString("base64") };
    } finally {
      budgetLease.release();
    }
  });
}
