import { z } from "zod";
import { MAX_VIEWPORT_PIXELS } from "../core/task.ts";

const text = z.string();
const byName = z.record(text, text);
const pixels = z.int().min(1).max(MAX_VIEWPORT_PIXELS);

/** The body of `POST /render`. */
export const renderRequest = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "write an http: or https: URL" }),
  method: text.regex(/^[A-Za-z]{1,20}$/, "write a method such as GET or POST").optional(),
  /** Go with the page's own request only, not with what the page loads; `user-agent` goes with everything. */
  headers: byName.default({}),
  data: z.union([text, z.strictObject({ base64: z.base64() })]).optional(),
  cookies: byName.default({}),
  /** URL of a proxy that everything of the page goes through. */
  proxy: text.optional(),
  validateCert: z.boolean().default(true),
  /** Source of a function; what it returns (or resolves to) becomes `jsScriptResult`. */
  jsScript: text.optional(),
  /** `document-start`: before any script of the page. `document-end`, the default: once the page has loaded. */
  jsRunAt: z.enum(["document-start", "document-end"]).default("document-end"),
  jsViewportWidth: pixels.default(1_024),
  jsViewportHeight: pixels.default(2_304),
  loadImages: z.boolean().default(false),
  /** A PNG of the window comes with the page, of `maxBodyBytes` at most. */
  screenshot: z.boolean().default(false),
  timeoutMs: z.int().positive().max(3_600_000),
  maxBodyBytes: z.int().positive(),
});

export type RenderRequest = z.infer<typeof renderRequest>;
