import type { FastifyReply } from "fastify";
import { LRUCache } from "lru-cache";
import { MEDIA_TYPES, rowJson } from "../core/export/formats.ts";
import { inPieces } from "../core/export/text-pieces.ts";
import { countResults, getResult, listResults, type ResultPageRequest, type ShownResult } from "../core/store/result-queries.ts";
import { NotFoundError } from "./errors.ts";
import { ExportSlots } from "./export-slots.ts";
import { paced } from "./paced.ts";
import { requireProject } from "./project-routes.ts";
import { exportHead, openExport } from "./result-export.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";

/** A project's results: a page of them, all as a file, one, or their number. */
export function resultRoutes(context: WebuiContext): ApiRoute[] {
  const slots = new ExportSlots(context.database);
  return [listRoute(context, slots), countRoute(context), wholeRoute(slots)];
}

const listRoute = (context: WebuiContext, slots: ExportSlots) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/results",
    summary: "One page of results, the newest first, each up to 64 KiB; or with `format` all of them, complete and streamed",
    params: schemas.projectParams,
    query: schemas.resultQuery,
    answers: { 200: schemas.resultList },
    files: Object.values(MEDIA_TYPES)
      .map((type) => type.replace(/;.*/, ""))
      .filter((type) => type !== "application/json"),
    async handle({ params: { name }, query: { format, limit, before, search, ...options } }, { request, reply }) {
      await requireProject(context.database, name);
      if (!format) return sendPage(context, name, { limit, before, search }, reply);
      if (request.method === "HEAD") return reply.headers(exportHead(name, format)).send();
      return slots.send(reply, (sql) => openExport(sql, name, { format, ...options }));
    },
  });

const countRoute = ({ database }: WebuiContext) => {
  const counts = new LRUCache<string, () => Promise<number>>({ max: 100, memoMethod: (name) => paced(() => countResults(database, name)) });
  return apiRoute({
    method: "GET",
    path: "/projects/:name/results/count",
    summary: "The number of results; repeated for ten times as long as counting takes",
    params: schemas.projectParams,
    answers: { 200: schemas.resultCount },
    async handle({ params: { name } }) {
      await requireProject(database, name);
      return { count: await counts.memo(name)() };
    },
  });
};

const wholeRoute = (slots: ExportSlots) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/results/:taskid/:index",
    summary: "One result, whole",
    params: schemas.resultParams,
    answers: { 200: schemas.resultRow },
    async handle({ params: { name, taskid, index } }, { reply }) {
      return slots.send(reply, async (sql) => {
        const row = await getResult(sql, name, { taskid, index });
        if (row) return { head: { "content-type": MEDIA_TYPES.json }, body: inPieces(rowJson(row)) };
        throw new NotFoundError(`result ${index} of task ${taskid} in project ${name}`, `GET /api/v1/projects/${name}/results lists them.`);
      });
    },
  });

/** The stored JSON is copied unchanged: its shape costs no memory. */
async function sendPage({ database }: WebuiContext, name: string, page: ResultPageRequest, reply: FastifyReply) {
  const { rows, next } = await listResults(database, name, page);
  return reply.type(MEDIA_TYPES.json).send(`{"results":[${rows.map(shownJson).join()}],"next":${next}}`);
}

/** A result of a list as JSON. The stored JSON is copied unchanged. */
export function shownJson({ result, ...facts }: ShownResult): string {
  return `${JSON.stringify(facts).slice(0, -1)},"result":${facts.isCut ? JSON.stringify(result) : result}}`;
}
