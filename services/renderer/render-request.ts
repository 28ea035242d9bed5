import { z } from "zod";
import type { RenderedOptionsWithDefaults } from "../core/protocol/fetch-options.ts";
import { renderedSchema, requiredOption } from "../core/protocol/fetch-schema.ts";

/** What `POST /render` gets: the options of the page that the renderer reads, and a limit of time. */
export interface RenderRequest extends Omit<RenderedOptionsWithDefaults, "proxy" | "maxBodyBytes"> {
  /** `http:` or `https:`. Its `headers` are sent only with the page's own request, not with its subresources; `user-agent` is sent with all. */
  url: string;
  /** URL of a proxy for all of the page's traffic. */
  proxy?: string;
  /** Pages of one project may use one tab, one after the other. Absent: the page gets a tab of its own. */
  project?: string;
  /** From the moment when the page has a tab. */
  timeoutMs: number;
  maxBodyBytes: number;
}

/** The body of `POST /render`. */
export const renderRequest = z.strictObject({
  ...renderedSchema(),
  url: z.url({ protocol: /^https?$/, error: "write an http: or https: URL" }),
  proxy: z.string("write the URL of one proxy").optional(),
  project: z.string("write the name of a project").optional(),
  timeoutMs: z.int("write whole milliseconds").positive().max(3_600_000),
  maxBodyBytes: requiredOption("maxBodyBytes"),
}) as unknown as z.ZodType<RenderRequest>;
