import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Topic } from "../../../services/webui/live/topic.ts";

const LARGE = "x".repeat(400_000);

/** A topic whose value changes at each read, and what its viewer got. */
function openTopic(makeValue: (read: number) => unknown) {
  const events: string[] = [];
  let reads = 0;
  const topic = new Topic("/path", async () => makeValue(reads++));
  topic.add({ send: (event) => events.push(event) });
  return { topic, events };
}

/** What the topic does without waiting. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

test("the first change after a large value comes at the usual pace", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { topic, events } = openTopic((read) => ({ LARGE, read }));
  await settled();

  mock.timers.tick(2_000);
  await settled();
  topic.close();

  assert.equal(events.length, 2);
  assert.match(events[1] ?? "", /"change":/);
});

test("the next change after a large one waits until that one is sent at 8 bytes a millisecond", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { topic, events } = openTopic((read) => `${LARGE}${read}`);
  await settled();
  mock.timers.tick(2_000);
  await settled();

  mock.timers.tick(49_000);
  await settled();
  const early = events.length;
  mock.timers.tick(2_000);
  await settled();
  topic.close();

  assert.deepEqual([early, events.length], [2, 3]);
});
