import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { readTotals } from "../core/store/counter-queries.ts";
import { getProject } from "../core/store/projects.ts";
import { listResults, streamResults } from "../core/store/result-queries.ts";
import { noSuchProject } from "./project-routes.ts";
import { encodeResults, MEDIA_TYPES } from "./result-formats.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";

/** A project's results: a page of them, or all as a file. */
export const resultRoutes = (context: WebuiContext): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/projects/:name/results",
    summary: "One page of results, the newest first; or with `format` all of them, streamed",
    params: schemas.projectParams,
    query: schemas.resultQuery,
    answers: { 200: schemas.resultPage },
    async handle({ params: { name }, query: { format, limit, before } }, { request, reply }) {
      if (!(await getProject(context.database, name))) throw noSuchProject(name);
      if (!format) return readPage(context, name, { limit, before });
      reply.type(MEDIA_TYPES[format]).header("content-disposition", `attachment; filename="${name}.${format}"`);
      return request.method === "HEAD" ? reply.send() : sendAll(context, { name, format }, reply);
    },
  }),
];

async function readPage({ database }: WebuiContext, name: string, page: { limit: number; before?: number | undefined }) {
  const { rows, next } = await listResults(database, name, page);
  return { results: rows.map(({ result, ...row }) => ({ ...row, result: JSON.parse(result) as unknown })), next };
}

async function sendAll({ database }: WebuiContext, { name, format }: { name: string; format: schemas.ResultFormat }, reply: FastifyReply) {
  const { pending } = await readTotals(database, name);
  // Paused while the client is slow, and ended with the connection.
  const body = Readable.from(
    encodeResults(format, () => streamResults(database, name), pending > 0),
    { objectMode: false },
  );
  return reply.send(body);
}
