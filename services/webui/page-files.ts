import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { NotFoundError, type RequestError } from "./errors.ts";

const DIST = fileURLToPath(new URL("./pages/dist/", import.meta.url));
const NOT_BUILT = "The pages are not built. Run `npm run build:pages`, then start again. The REST API under /api/v1 works without them.\n";

/**
 * Serves the built pages, compressed if the browser accepts that: assets, whose names change with their content, with an unlimited cache time; the one HTML file for every other path,
 * because the pages route by path themselves.
 */
export async function registerPages(
  app: FastifyInstance,
  { isApiPath, refuse }: { isApiPath: (path: string) => boolean; refuse: (method: string, path: string) => RequestError },
): Promise<void> {
  // The build made the compressed files.
  await app.register(fastifyStatic, { root: DIST, serve: false, preCompressed: true });
  app.get("/assets/*", { compress: false }, async (request, reply) => {
    const { "*": file } = request.params as { "*": string };
    return reply.sendFile(`assets/${file}`, { immutable: true, maxAge: "365d" });
  });
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.replace(/\?.*$/s, "");
    if (isApiPath(path)) throw refuse(request.method, path);
    if (request.method !== "GET" || path.startsWith("/assets/")) throw new NotFoundError(`page ${path}`, "/ is the first page.");
    if (!existsSync(`${DIST}index.html`)) return reply.code(503).type("text/plain; charset=utf-8").send(NOT_BUILT);
    return reply.sendFile("index.html", { cacheControl: false }).header("cache-control", "no-cache");
  });
}
