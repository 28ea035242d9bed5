import assert from "node:assert/strict";
import { test } from "node:test";
import { PauseWatch } from "../../../services/cli/pause-watch.ts";

const NOW = 1_000_000;
const error = { code: "E_CONNECTION", message: "http://a.test/: the connection failed.", retryable: true };

/** @param facts pairs of the time of a look and the end of the pause that it finds. */
function look(...facts: [now: number, pausedUntil: number][]) {
  const said: string[] = [];
  const watch = new PauseWatch((text) => said.push(text));
  for (const [now, pausedUntil] of facts) watch.note({ pausedUntil, lastError: error }, now);
  return { said, isHopeless: watch.isHopeless };
}

test("a pause is said once, with its time and the last error", () => {
  const { said, isHopeless } = look([NOW, 0], [NOW, NOW + 300], [NOW + 1, NOW + 300]);

  assert.deepEqual(said, [
    "paused for 300 s, because too many tasks in a row failed, the last one with: http://a.test/: the connection failed. (E_CONNECTION). Ctrl-C ends the run.",
  ]);
  assert.equal(isHopeless, false);
});

test("a second pause with no success between them ends the run", () => {
  assert.equal(look([NOW, NOW + 300], [NOW + 302, NOW + 602]).isHopeless, true);
});

test("a pause after a success is another first one", () => {
  const { said, isHopeless } = look([NOW, NOW + 300], [NOW + 302, 0], [NOW + 400, NOW + 700]);

  assert.deepEqual([said.length, isHopeless], [2, false]);
});
