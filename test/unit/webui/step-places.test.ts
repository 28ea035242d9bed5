import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { StepPlaces } from "../../../services/webui/step-places.ts";

/** Ends all waits when the test has ended. */
const untilEnd = (t: TestContext) => {
  const end = new AbortController();
  t.after(() => end.abort());
  return end.signal;
};

test("a user has two places at a time, and four are taken at a time", async (t) => {
  const signal = untilEnd(t);
  const places = new StepPlaces();
  const order: string[] = [];
  const take = async (name: string, user: string) => {
    const release = await places.take(user, signal);
    order.push(name);
    return release;
  };

  const [a1] = await Promise.all([take("a1", "a"), take("a2", "a"), take("b1", "b"), take("c1", "c")]);
  const waiting = [take("a3", "a"), take("d1", "d")];
  const before = [...order];
  a1();
  await waiting[0];

  assert.deepEqual(before, ["a1", "a2", "b1", "c1"]);
  assert.deepEqual(order, ["a1", "a2", "b1", "c1", "a3"]);
  waiting[1]?.catch(() => {});
});

test("a user who waits for a place of their own delays no other user", async (t) => {
  const signal = untilEnd(t);
  const places = new StepPlaces();
  await Promise.all([places.take("a", signal), places.take("a", signal)]);
  const waits = places.take("a", signal);
  waits.catch(() => {});

  const release = await places.take("b", signal);

  assert.equal(await Promise.race([waits, Promise.resolve("waits")]), "waits");
  release();
});

test("a step that is cancelled while it waits leaves the line, and too many waiting steps are refused", async (t) => {
  const signal = untilEnd(t);
  const places = new StepPlaces();
  const releases = await Promise.all([places.take("a", signal), places.take("a", signal)]);
  const cancel = new AbortController();
  const waits = places.take("a", cancel.signal);
  cancel.abort();
  await assert.rejects(waits, { name: "AbortError" });
  const line = Array.from({ length: 24 }, () => places.take("a", signal));

  await assert.rejects(places.take("b", signal), { code: "E_DEBUGGER_BUSY" });

  for (const release of releases) release();
  for (const one of line) (await one)();
});
