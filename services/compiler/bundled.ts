/** The result of compiling a script, as the compiler's process sends it to its parent. */
import type { Problem } from "../core/protocol/errors.ts";
import { MAX_SCRIPT_BYTES } from "../core/queue/queue.ts";

/** A script's compiled text, or its problems. */
export type Bundled = { compiled: string } | { problems: Problem[] };

const PROBLEMS_LIMIT = 1_000;
/** esbuild repeats unexpected text at any length. */
const REMEDY_LIMIT = 300;
/** Maximum size of an answer in UTF-8. */
export const ANSWER_LIMIT_BYTES = MAX_SCRIPT_BYTES + 1;

/** `+compiled` or `-[["path","remedy"],…]`, within `ANSWER_LIMIT_BYTES`. */
export function encodeBundled(bundled: Bundled, fileName: string): string {
  if ("problems" in bundled) {
    const cut = (text: string) => (text.length > REMEDY_LIMIT ? `${text.slice(0, REMEDY_LIMIT)}…` : text);
    return `-${JSON.stringify(bundled.problems.slice(0, PROBLEMS_LIMIT).map((problem) => [problem.path, cut(problem.remedy)]))}`;
  }
  const bytes = Buffer.byteLength(bundled.compiled);
  if (bytes <= MAX_SCRIPT_BYTES) return `+${bundled.compiled}`;
  const remedy = `it has ${bytes} bytes when it is compiled; the limit is ${MAX_SCRIPT_BYTES}`;
  return encodeBundled({ problems: [{ path: fileName, remedy }] }, fileName);
}

/** @throws TypeError or SyntaxError if it is not a valid answer. */
export function decodeBundled(text: string): Bundled {
  if (text.startsWith("+")) return { compiled: text.slice(1) };
  if (!text.startsWith("-")) throw new TypeError("neither a compiled script nor problems");
  return { problems: (JSON.parse(text.slice(1)) as [string, string][]).map(([path, remedy]) => ({ path, remedy })) };
}
