import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";

const PAGE = { statusCode: 200, url: "http://127.0.0.1/page", headers: {}, cookies: {}, timeMs: 1, content: btoa("rendered") };

/** A fetcher with a renderer that answers with these statuses in turn, then with the last of them. */
async function startRendering(statuses: number[]) {
  await using opening = new AsyncDisposableStack();
  const state = { requests: 0 };
  const renderer = createServer((_request, response) => {
    const status = statuses[state.requests++] ?? statuses.at(-1) ?? 500;
    response.writeHead(status).end(status === 200 ? JSON.stringify(PAGE) : `status ${status}`);
  });
  opening.defer(() => void renderer.close());
  await once(renderer.listen(0, "127.0.0.1"), "listening");
  const rendererUrl = `http://127.0.0.1:${(renderer.address() as AddressInfo).port}`;
  const fetching = opening.use(await startFetching({ rendererUrl }));
  const stack = opening.move();
  return { ...fetching, state, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test("a busy renderer is called again until it renders the page", async () => {
  await using rendering = await startRendering([503, 200]);

  const page = await rendering.get("/page/1", { fetchType: "js" });

  assert.deepEqual([textOf(page), rendering.state.requests], ["rendered", 2]);
});

test("a page waits for a busy renderer for longer than its own time", async () => {
  await using rendering = await startRendering([503, 503, 503, 200]);

  const page = await rendering.get("/page/1", { fetchType: "js", timeout: 0.5 });

  assert.deepEqual([textOf(page), rendering.state.requests], ["rendered", 4], page.error?.message ?? "it came");
});

test("another refusal of the renderer is final", async () => {
  await using rendering = await startRendering([500, 200]);

  const page = await rendering.get("/page/1", { fetchType: "js" });

  assert.match(failureOf(page).message, /it answered 500: status 500/);
  assert.equal(rendering.state.requests, 1);
});
