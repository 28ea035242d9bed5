import type { FastifyInstance } from "fastify";
import { badRequest } from "../core/protocol/bad-request.ts";
import { RendererBusyError } from "./errors.ts";
import { renderRequest } from "./render-request.ts";
import type { Renderer } from "./renderer.ts";

/**
 * Adds `POST /render`: a RenderRequest in, the page out as JSON with `content` in base64. A failed page is status 200 as well, with its
 * `statusCode` 599 and its `error`. Status 400 for an invalid request and 503 for a busy renderer, both with `error: { code, message }`.
 */
export function registerRenderRoute(app: FastifyInstance, renderer: Renderer): void {
  app.post("/render", async (request, reply) => {
    const parsed = renderRequest.safeParse(request.body);
    if (!parsed.success) return reply.code(400).send(badRequest(parsed.error));
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort());
    try {
      const page = await renderer.render(parsed.data, gone.signal);
      return { ...page, content: Buffer.from(page.content).toString("base64") };
    } catch (error) {
      if (!(error instanceof RendererBusyError)) throw error;
      const { code, message } = error;
      return reply.code(503).send({ error: { code, message } });
    }
  });
}
