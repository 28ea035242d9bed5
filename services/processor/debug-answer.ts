import { DEBUG_CONTENT_BYTES, type DebugAnswer } from "../core/protocol/debug-step.ts";
import type { Page } from "../core/protocol/messages.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";

/** The answer to a step of the debugger. */
export const toAnswer = (page: Page, result: SandboxResult): DebugAnswer => ({
  ...result,
  page: { ...page, content: page.content.subarray(0, DEBUG_CONTENT_BYTES) },
  bytes: page.content.byteLength,
});
