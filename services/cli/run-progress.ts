import { progressText } from "./run-report.ts";
import type { RunState } from "./run-state.ts";

/** A terminal shows one line that is rewritten; a log file gets a line every few seconds. */
const TERMINAL_MS = 1_000;
const FILE_MS = 5_000;
const CLEAR_LINE = "\r\u001b[K";

export interface Progress extends Disposable {
  /** Whether `show` would print now. */
  isDue(): boolean;
  show(state: RunState): void;
}

/** Shows progress on stderr, at most every second on a terminal and every 5 s elsewhere. Disposing clears the terminal's line. */
export function startProgress(since: number): Progress {
  const { isTTY } = process.stderr;
  let shownAt = Date.now();
  const isDue = () => Date.now() - shownAt >= (isTTY ? TERMINAL_MS : FILE_MS);
  return {
    isDue,
    show(state) {
      if (!isDue()) return;
      const now = Date.now();
      shownAt = now;
      const text = progressText(state, now / 1_000 - since);
      process.stderr.write(isTTY ? `${CLEAR_LINE}${text}` : `${text}\n`);
    },
    [Symbol.dispose]() {
      if (isTTY) process.stderr.write(CLEAR_LINE);
    },
  };
}
