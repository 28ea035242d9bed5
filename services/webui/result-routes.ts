import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { getProject } from "../core/store/projects.ts";
import { getResult, listResults, type ShownResult, streamResults } from "../core/store/result-queries.ts";
import { NotFoundError } from "./errors.ts";
import { ExportSlots } from "./export-slots.ts";
import { noSuchProject } from "./project-routes.ts";
import { encodeResults, MEDIA_TYPES, rowJson } from "./result-formats.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { readTotals } from "./store/counter-queries.ts";
import { inPieces } from "./text-pieces.ts";

/** A project's results: a page of them, all as a file, or one. */
export function resultRoutes(context: WebuiContext): ApiRoute[] {
  const slots = new ExportSlots();
  return [listRoute(context, slots), wholeRoute(context, slots)];
}

const listRoute = (context: WebuiContext, slots: ExportSlots) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/results",
    summary: "One page of results, the newest first, each up to 64 KiB; or with `format` all of them, complete and streamed",
    params: schemas.projectParams,
    query: schemas.resultQuery,
    answers: { 200: schemas.resultPage },
    async handle({ params: { name }, query: { format, limit, before } }, { request, reply }) {
      if (!(await getProject(context.database, name))) throw noSuchProject(name);
      if (!format) return sendPage(context, { name, limit, before }, reply);
      const head = { "content-type": MEDIA_TYPES[format], "content-disposition": `attachment; filename="${name}.${format}"` };
      if (request.method === "HEAD") return reply.headers(head).send();
      const { pending } = await readTotals(context.database, name);
      return sendStream(reply, { slots, head }, async () =>
        encodeResults(format, () => streamResults(slots.inTurn(context.database), name), pending > 0),
      );
    },
  });

const wholeRoute = ({ database }: WebuiContext, slots: ExportSlots) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/results/:taskid/:index",
    summary: "One result, whole",
    params: schemas.resultParams,
    answers: { 200: schemas.resultRow },
    async handle({ params: { name, taskid, index } }, { reply }) {
      return sendStream(reply, { slots, head: { "content-type": MEDIA_TYPES.json } }, async () => {
        const row = await getResult(slots.inTurn(database), name, { taskid, index });
        if (row) return inPieces(rowJson(row));
        throw new NotFoundError(`result ${index} of task ${taskid} in project ${name}`, `GET /api/v1/projects/${name}/results lists them.`);
      });
    },
  });

interface PageRequest {
  name: string;
  limit: number;
  before?: number | undefined;
}

/** The stored JSON is copied unchanged: its shape costs no memory. */
async function sendPage({ database }: WebuiContext, { name, ...page }: PageRequest, reply: FastifyReply) {
  const { rows, next } = await listResults(database, name, page);
  return reply.type(MEDIA_TYPES.json).send(`{"results":[${rows.map(shownJson).join()}],"next":${next}}`);
}

/** A result of a list as JSON. The stored JSON is copied unchanged. */
export function shownJson({ result, ...facts }: ShownResult): string {
  return `${JSON.stringify(facts).slice(0, -1)},"result":${facts.isCut ? JSON.stringify(result) : result}}`;
}

/** Holds a slot until everything was sent, or the connection has ended. The stream pauses while the client is slow. */
async function sendStream(
  reply: FastifyReply,
  { slots, head }: { slots: ExportSlots; head: Record<string, string> },
  open: () => Promise<Iterable<string> | AsyncIterable<string>>,
) {
  const release = slots.take();
  try {
    const body = Readable.from(await open(), { objectMode: false });
    body.once("close", release);
    return reply.headers(head).send(body);
  } catch (error) {
    release();
    throw error;
  }
}
