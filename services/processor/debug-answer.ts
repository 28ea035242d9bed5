import { DEBUG_CONTENT_BYTES, type DebugAnswer } from "../core/protocol/debug-step.ts";
import { WRITTEN_OUT_FOLLOWS } from "../core/protocol/follow-list.ts";
import type { Page } from "../core/protocol/messages.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";

/** The answer to a step of the debugger, with the first follows of very many: `process.follows` is their number. */
export const toAnswer = (page: Page, result: SandboxResult): DebugAnswer => ({
  ...result,
  follows: result.follows.slice(0, WRITTEN_OUT_FOLLOWS),
  page: { ...page, content: page.content.subarray(0, DEBUG_CONTENT_BYTES) },
  bytes: page.content.byteLength,
});
