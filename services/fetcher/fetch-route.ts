import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { BadInputError } from "../core/errors.ts";
import { MAX_VIEWPORT_PIXELS } from "../core/task.ts";
import type { FetchRequest } from "./fetch-request.ts";
import type { Fetcher } from "./fetcher.ts";

const seconds = z.number().positive().max(3_600);
const pixels = z.int().min(1).max(MAX_VIEWPORT_PIXELS);
const text = z.string();
const byName = z.record(text, text);

const fetchOptions = z.strictObject({
  method: text.regex(/^[A-Za-z]{1,20}$/, "write a method such as GET or POST").optional(),
  headers: byName.optional(),
  data: z.union([text, z.strictObject({ base64: z.base64() })]).optional(),
  cookies: byName.optional(),
  connectTimeout: seconds.optional(),
  timeout: seconds.optional(),
  allowRedirects: z.boolean().optional(),
  maxRedirects: z.int().min(0).max(100).optional(),
  validateCert: z.boolean().optional(),
  etag: z.union([z.boolean(), text]).optional(),
  lastModified: z.union([z.boolean(), text]).optional(),
  maxBodyBytes: z.int().positive().optional(),
  proxy: z.union([z.literal(false), text, z.array(text)]).optional(),
  robotsTxt: z.boolean().optional(),
  fetchType: z.enum(["js", "http"]).optional(),
  jsScript: text.optional(),
  jsRunAt: z.enum(["document-start", "document-end"]).optional(),
  jsViewportWidth: pixels.optional(),
  jsViewportHeight: pixels.optional(),
  loadImages: z.boolean().optional(),
  screenshot: z.boolean().optional(),
});

/** The body of `POST /fetch`: the part of a task that says what to fetch. */
const fetchRequest = z.strictObject({
  url: text.min(1),
  fetch: fetchOptions.default({}),
  validators: z.strictObject({ etag: text.optional(), lastModified: text.optional() }).optional(),
});

/**
 * Adds `POST /fetch`: `{ url, fetch?, validators? }` in, the page out as JSON with `content` in base64. A page that did not come is status 200 as well, with its
 * `statusCode` 599 and its `error`; 400 with `error: { code, message }` when the request does not fit.
 */
export function registerFetchRoute(app: FastifyInstance, fetcher: Fetcher): void {
  app.post("/fetch", async (request, reply) => {
    const parsed = fetchRequest.safeParse(request.body);
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => ({ path: issue.path.join(".") || "body", remedy: issue.message }));
      const { code, message } = new BadInputError("The request does not fit", problems);
      return reply.code(400).send({ error: { code, message, problems } });
    }
    const allowance = fetcher.openAllowance();
    try {
      const page = await fetcher.fetch(parsed.data as FetchRequest, allowance);
      return { ...page, content: Buffer.from(page.content).toString("base64") };
    } finally {
      allowance.release();
    }
  });
}
