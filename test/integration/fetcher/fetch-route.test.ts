import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import { serveRole } from "../../../services/core/runtime/role-server.ts";
import { registerFetchRoute } from "../../../services/fetcher/fetch-route.ts";
import { createFetcher } from "../../../services/fetcher/fetcher.ts";
import { fetcherDefaults } from "../../../services/fetcher/settings.ts";
import { LOOPBACK } from "../../fixtures/fetching.ts";

interface Answer {
  statusCode: number;
  content: string;
  error: { code: string; message: string };
}

async function startRoute(allowAddresses: string[]) {
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await startSite());
  const fetcher = opening.use(createFetcher({ ...fetcherDefaults, allowAddresses }));
  const always = () => true;
  const register = (app: Parameters<typeof registerFetchRoute>[0]) => registerFetchRoute(app, fetcher);
  const server = opening.use(await serveRole({ host: "127.0.0.1", port: 0, isConnected: always, register }));
  const stack = opening.move();
  return {
    site,
    async post(body: object) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`http://127.0.0.1:${server.port}/fetch`, { method: "POST", headers, body: JSON.stringify(body) });
      return { statusCode: answer.status, json: (await answer.json()) as Answer };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("the route takes a task and returns its page, with the content in base64", async () => {
  await using route = await startRoute(LOOPBACK);

  const { statusCode, json } = await route.post({ url: `${route.site.origin}/page/1`, fetch: { timeout: 5 } });

  assert.deepEqual([statusCode, json.statusCode], [200, 200]);
  assert.match(Buffer.from(json.content, "base64").toString(), /<h1>Page 1<\/h1>/);
});

test("the address guard also applies to the fetch route", async () => {
  await using route = await startRoute([]);

  const { json } = await route.post({ url: `${route.site.origin}/page/1` });

  assert.deepEqual([json.statusCode, json.error.code], [599, "E_PRIVATE_ADDRESS"]);
});

test("all problems of a request are reported at once", async () => {
  await using route = await startRoute([]);

  const { statusCode, json } = await route.post({ fetch: { timeout: -1, retries: 3 }, project: "books" });

  assert.equal(statusCode, 400);
  assert.equal(json.error.code, "E_BAD_INPUT");
  for (const word of ["url", "timeout", "retries", "project"]) assert.match(json.error.message, new RegExp(word));
});

test("an invalid option is refused; the message has the accepted values and not the given one", async () => {
  await using route = await startRoute([]);

  const { statusCode, json } = await route.post({
    url: "http://a.test/",
    fetch: { headers: { a: "b\r\nc: d" }, proxy: "ftp://me:secret@h" },
  });

  assert.equal(statusCode, 400);
  assert.match(json.error.message, /fetch\.headers: write an object of texts without line breaks/);
  assert.match(json.error.message, /fetch\.proxy: write "http:/);
  assert.doesNotMatch(json.error.message, /secret/);
});
