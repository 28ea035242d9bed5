import type { FastifyRequest } from "fastify";
import { BadInputError } from "../core/protocol/errors.ts";
import { requireLogin } from "./authentication.ts";
import type { LiveHub, LivePath } from "./live/hub.ts";
import { Viewer } from "./live/viewer.ts";
import { type ApiRoute, apiRoute, paramsAt, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";

/**
 * The event stream of the pages. An event is JSON: a path with its `value`, or with the `change` since the last event (difference.ts), or with
 * `failed` if it cannot be read.
 *
 * @param routes whose live ones a stream can have.
 */
export const eventRoutes = (context: WebuiContext, hub: LiveHub, routes: ApiRoute[]): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/events",
    summary: "What changes at some paths of this API, as server-sent events",
    query: schemas.eventQuery,
    answers: {},
    async handle({ query: { path } }, { request, reply }) {
      const live = [path].flat().map((one, index) => livePath(routes, one, index));
      hub.requireRoom();
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
      const viewer = new Viewer(reply.raw, {
        isCompressed: /\bgzip\b/.test(request.headers["accept-encoding"] ?? ""),
        isLoggedIn: () => isLoggedIn(context, request),
      });
      hub.add(viewer, live);
      return reply;
    },
  }),
];

/** @throws BadInputError for a path that no live route has, or with a query that its route refuses. */
function livePath(routes: ApiRoute[], path: string, index: number): LivePath {
  const [pathname = "", search = ""] = path.split(/\?(.*)/s);
  for (const { read, path: pattern } of routes) {
    const params = read && paramsAt(pattern, pathname);
    if (!params || !read) continue;
    const input = { params, query: Object.fromEntries(new URLSearchParams(search)) };
    return { path, read: read(input) };
  }
  throw new BadInputError("The query is not valid", [
    { path: `path.${index}`, value: path, remedy: "write the path of a GET route whose answer changes, such as /summary" },
  ]);
}

const isLoggedIn = (context: WebuiContext, request: FastifyRequest): Promise<boolean> =>
  requireLogin(context, request).then(
    () => true,
    () => false,
  );
