import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { withDifference } from "../../../services/webui/difference.ts";
import type { LiveEvent } from "../../../services/webui/live/topic.ts";
import { until } from "../../fixtures/until.ts";
import { SCRIPT, startTestWebui, TOKEN } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  await webui.request("PUT", "/projects/other", { script: SCRIPT });
});

const query = (paths: string[]) => new URLSearchParams(paths.map((path) => ["path", path])).toString();

/** Opens a stream and keeps what it says of each path. */
async function watch(paths: string[], headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) {
  const stop = new AbortController();
  const answer = await fetch(`${webui.url}/api/v1/events?${query(paths)}`, { headers, signal: stop.signal });
  const events: LiveEvent[] = [];
  const values = new Map<string, unknown>();
  const ended = (async () => {
    let text = "";
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts.filter((one) => one.startsWith("data: "))) {
        const event = JSON.parse(part.slice(6)) as LiveEvent;
        events.push(event);
        if ("value" in event) values.set(event.path, event.value);
        if ("change" in event) values.set(event.path, withDifference(values.get(event.path), event.change));
        if ("failed" in event) values.delete(event.path);
      }
    }
  })().catch(() => {});
  return {
    answer,
    events,
    value: <T>(path: string) => values.get(path) as T | undefined,
    ended,
    [Symbol.dispose]: () => stop.abort(),
  };
}

type Summary = Record<string, { rate: number; health: { reason: string } }>;

test("a stream sends the value of each path, and afterwards only what has changed", async () => {
  using stream = await watch(["/summary", "/projects/books/tasks?status=FAILED"]);
  await until("both values are there", () => stream.events.length === 2);

  await webui.request("PUT", "/projects/books", { rate: 7 });
  await until("the change is there", () => stream.value<Summary>("/summary")?.books?.rate === 7);

  const [, , change] = stream.events;
  assert.ok(change && "change" in change);
  assert.deepEqual(Object.keys(change.change), ["books"]);
  assert.deepEqual(stream.value("/projects/books/tasks?status=FAILED"), { tasks: [], next: null });
  assert.deepEqual(stream.value("/summary"), (await webui.request("GET", "/summary")).json);
});

test("proxies neither buffer nor store a stream, and it is compressed", async () => {
  using stream = await watch(["/queues"]);

  assert.equal(stream.answer.status, 200);
  assert.equal(stream.answer.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assert.equal(stream.answer.headers.get("x-accel-buffering"), "no");
  assert.equal(stream.answer.headers.get("cache-control"), "no-store");
  assert.equal(stream.answer.headers.get("content-encoding"), "gzip");
  assert.equal(stream.answer.headers.get("x-content-type-options"), "nosniff");
});

test("a path that cannot be read is marked as failed, and has its value once it can be read", async () => {
  using stream = await watch(["/projects/new/health"]);
  await until("the failure is there", () => stream.events.length > 0);

  await webui.request("PUT", "/projects/new", { script: SCRIPT });
  await until("the value is there", () => stream.value("/projects/new/health") !== undefined);

  assert.deepEqual(stream.events[0], { path: "/projects/new/health", failed: true });
});

test("without a login there is no stream, and a logout ends an open one", async () => {
  assert.equal((await watch(["/queues"], {})).answer.status, 401);
  const login = await webui.anonymous("POST", "/login", {
    body: JSON.stringify({ token: TOKEN }),
    headers: { "content-type": "application/json" },
  });
  const cookie = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  using stream = await watch(["/queues"], { cookie });
  assert.equal(stream.answer.status, 200);

  await webui.anonymous("POST", "/logout", { headers: { cookie, "sec-fetch-site": "same-origin" } });

  await stream.ended;
});

test("paths of other routes and broken queries are refused before anything is sent", async () => {
  for (const paths of [["/projects/books"], ["/session"], ["/projects/books/tasks?status=NEW"], [], Array<string>(9).fill("/queues")]) {
    const { status } = await webui.request("GET", `/events?${query(paths)}`);

    assert.equal(status, 400, paths.join());
  }
});

test("the web UI ends its streams when it stops", async () => {
  const short = await startTestWebui(store.database);
  const answer = await fetch(`${short.url}/api/v1/events?path=/queues`, { headers: { authorization: `Bearer ${TOKEN}` } });

  await short[Symbol.asyncDispose]();

  assert.match(await answer.text(), /scheduler2fetcher/);
});
