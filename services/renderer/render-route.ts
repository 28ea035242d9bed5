import type { FastifyInstance } from "fastify";
import { BadInputError } from "../core/errors.ts";
import { RendererBusyError } from "./errors.ts";
import { renderRequest } from "./render-request.ts";
import type { Renderer } from "./renderer.ts";

/**
 * Adds `POST /render`: a RenderRequest in, the page out as JSON with `content` in base64. A page that did not come is status 200 as well, with its
 * `statusCode` 599 and its `error`; 400 when the request does not fit and 503 when the renderer is busy, both with `error: { code, message }`.
 */
export function registerRenderRoute(app: FastifyInstance, renderer: Renderer): void {
  app.post("/render", async (request, reply) => {
    const parsed = renderRequest.safeParse(request.body);
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => ({ path: issue.path.join(".") || "body", remedy: issue.message }));
      const { code, message } = new BadInputError("The request does not fit", problems);
      return reply.code(400).send({ error: { code, message, problems } });
    }
    try {
      const page = await renderer.render(parsed.data);
      return { ...page, content: Buffer.from(page.content).toString("base64") };
    } catch (error) {
      if (!(error instanceof RendererBusyError)) throw error;
      const { code, message } = error;
      return reply.code(503).send({ error: { code, message } });
    }
  });
}
