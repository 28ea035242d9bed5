import type { FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { KIB } from "../core/protocol/byte-units.ts";
import type { Queues } from "../core/queue/queue.ts";
import type { Log } from "../core/runtime/log.ts";
import type { Database } from "../core/store/sql.ts";
import type { EndedSessions } from "./ended-sessions.ts";
import type { WebuiSettings } from "./env.ts";
import { MethodNotAllowedError, NotFoundError } from "./errors.ts";
import type { LoginLimit } from "./login-limit.ts";
import { checkInput } from "./problems.ts";
import type { ProjectCounters } from "./store/counter-queries.ts";

/** The resources of the routes. */
export interface WebuiContext {
  database: Database;
  queues: Queues;
  settings: WebuiSettings;
  log: Log;
  endedSessions: EndedSessions;
  /** Counters of all projects; however many clients ask, they take a tenth of the database's time at most. */
  readCounters(): Promise<Record<string, ProjectCounters>>;
  /** Of wrong tokens; wrong tokens of people who log in do not block programs. */
  limits: { login: LoginLimit; header: LoginLimit };
}

/** The body limit of a route that sets none, in bytes: a token of 1,000 characters, each escaped, needs less. */
export const SMALL_BODY_BYTES = 4 * KIB;

export type Method = "GET" | "PUT" | "POST" | "DELETE";

export interface RouteSpec<P, Q, B> {
  method: Method;
  /** Below the API's root, as fastify writes it: `/projects/:name`. */
  path: string;
  summary: string;
  /** Needs no login. */
  isOpen?: true;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  body?: z.ZodType<B> | CheckedBody<P, B>;
  /** A longer body is refused before it is read; default: SMALL_BODY_BYTES. */
  bodyLimitBytes?: number;
  /** JSON by HTTP status. */
  answers: Record<number, z.ZodType>;
  /** Other media types that an answer 200 may have. */
  files?: string[];
  /** A GET route whose `handle` uses nothing but its input: the event stream reads it repeatedly. */
  isLive?: true;
  /** Returns the JSON body, or sends with `reply` and returns the reply. */
  handle(input: { params: P; query: Q; body: B }, http: { request: FastifyRequest; reply: FastifyReply }): Promise<unknown>;
}

/** A body that needs more checks than its schema. */
export interface CheckedBody<P, B> {
  /** For the OpenAPI document. */
  schema: z.ZodType;
  /** Throws BadInputError. */
  check(body: unknown, params: P): Promise<B>;
}

/** A route with its input types hidden: what the server, the OpenAPI document and the 405 answer read. */
export interface ApiRoute extends Omit<RouteSpec<unknown, unknown, unknown>, "handle" | "body"> {
  body?: z.ZodType;
  run(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  /** Of a live route: checks the input and returns what reads the answer. @throws BadInputError */
  read?(given: { params: unknown; query: unknown }): () => Promise<unknown>;
}

/** Makes a route that checks its parameters, query and body before `handle` sees them. */
export function apiRoute<P = undefined, Q = undefined, B = undefined>(spec: RouteSpec<P, Q, B>): ApiRoute {
  const { handle, body, ...rest } = spec;
  const bodySchema = body && (isChecked(body) ? body.schema : body);
  const checked = (given: { params: unknown; query: unknown }) => ({
    params: spec.params ? checkInput(spec.params, given.params, "The path") : (undefined as P),
    query: spec.query ? checkInput(spec.query, given.query, "The query") : (undefined as Q),
  });
  return {
    ...rest,
    ...(bodySchema ? { body: bodySchema } : {}),
    async run(request, reply) {
      const input = checked(request);
      return handle({ ...input, body: await checkBody(body, request.body, input.params) }, { request, reply });
    },
    ...(spec.isLive ? { read: (given) => liveRead(handle, { ...checked(given), body: undefined as B }) } : {}),
  };
}

/** `isLive` promises that `handle` does not touch the request or the reply. */
const liveRead =
  <P, Q, B>(handle: RouteSpec<P, Q, B>["handle"], input: { params: P; query: Q; body: B }) =>
  () =>
    handle(input, {} as { request: FastifyRequest; reply: FastifyReply });

async function checkBody<P, B>(expected: RouteSpec<P, unknown, B>["body"], given: unknown, params: P): Promise<B> {
  if (!expected) return undefined as B;
  return isChecked(expected) ? expected.check(given, params) : checkInput(expected, given, "The body");
}

const isChecked = <P, B>(body: z.ZodType<B> | CheckedBody<P, B>): body is CheckedBody<P, B> => "schema" in body;

/** Why no route matched: the path does not exist, or not for this method. */
export function refusalFor(
  routes: Pick<ApiRoute, "method" | "path">[],
  method: string,
  path: string,
): NotFoundError | MethodNotAllowedError {
  const allowed = routes.filter((route) => matches(route.path, path)).map((route) => route.method);
  if (allowed.length > 0) return new MethodNotAllowedError(method, path, allowed);
  return new NotFoundError(`path ${path} in this API`, "GET /api/v1/openapi.json lists all paths.");
}

const matches = (pattern: string, path: string): boolean => paramsAt(pattern, path) !== undefined;

/** `/tasks/:project/:taskid`, `/tasks/books/a%20b` -> `{ project: "books", taskid: "a b" }`; undefined if the path is another route's. */
export function paramsAt(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split("/");
  const given = path.split("/");
  const isSame = expected.length === given.length && expected.every((part, index) => part.startsWith(":") || part === given[index]);
  if (!isSame) return undefined;
  const values = expected.flatMap((part, index): [string, string][] =>
    part.startsWith(":") ? [[part.slice(1), decoded(given[index] ?? "")]] : [],
  );
  return Object.fromEntries(values);
}

/** A part that is not valid UTF-8 stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
