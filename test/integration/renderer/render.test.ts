import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "../../../services/core/protocol/messages.ts";
import { serveRole } from "../../../services/core/runtime/role-server.ts";
import { registerRenderRoute } from "../../../services/renderer/render-route.ts";
import { commandLineOf, descendantsOf } from "../../bench/process-tree.ts";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";
import { chromiumIsMissing, startRendering } from "../../fixtures/rendering.ts";

const always = () => true;
const skip = chromiumIsMissing;

test("a fetcher sends a page that needs a browser to the renderer over HTTP", { skip }, async () => {
  await using rendering = await startRendering();
  await using server = await serveRole({
    host: "127.0.0.1",
    port: 0,
    isConnected: always,
    register: (app) => registerRenderRoute(app, rendering.renderer),
  });
  await using fetching = await startFetching({ rendererUrl: `http://127.0.0.1:${server.port}` });

  const jsScript = "() => document.links instanceof HTMLCollection";
  const page = await fetching.get("/page/29", { fetchType: "js", jsScript, screenshot: true, jsViewportHeight: 100 });
  const plain = await fetching.get("/page/29");

  assert.match(textOf(page), /<h1>Page 29<\/h1>/);
  assert.match(textOf(plain), /<h1>Loading<\/h1>/);
  assert.equal(page.jsScriptResult, true);
  assert.equal(Buffer.from(page.screenshot ?? "", "base64").toString("latin1", 1, 4), "PNG");
  assert.equal(page.headers["content-type"], "text/html; charset=utf-8");
});

test("one Chromium renders pages of every kind", { skip, timeout: 60_000 }, async (t) => {
  await using rendering = await startRendering();
  const { render, site } = rendering;

  await t.test("pages in other charsets are returned as UTF-8", async () => {
    assert.match(textOf(await render("/page/39")), /<h1>ページ 39<\/h1>/);
  });

  await t.test("status and address are those after all redirects", async () => {
    const [moved, missing] = await Promise.all([render("/page/7"), render("/page/101")]);
    assert.deepEqual([moved.statusCode, new URL(moved.url).pathname, missing.statusCode], [200, "/moved/7", 404]);
  });

  await t.test("method, headers, cookies and body are sent with the page's own request only", async () => {
    const headers = { "x-own": "1", "user-agent": "mine", "content-type": "text/plain" };
    const page = await render("/special/echo", { method: "PUT", data: "body", headers, cookies: { a: "1" } });
    const echo = JSON.parse(/\{.*\}/s.exec(textOf(page))?.[0] ?? "");
    assert.deepEqual([echo.method, echo.body, echo.headers["x-own"], echo.headers["user-agent"]], ["PUT", "body", "1", "mine"]);
    assert.deepEqual([echo.headers.cookie, echo.headers["content-type"], page.cookies], ["a=1", "text/plain", { a: "1" }]);
  });

  await t.test("pages do not share cookies", async () => {
    assert.deepEqual((await render("/special/set-cookies")).cookies, { visit: "1", taste: "sweet" });
    assert.equal((await render("/special/need-cookies")).statusCode, 403);
  });

  await t.test("a jsScript value with too many values is refused", async () => {
    const { error } = await render("/page/1", { jsScript: "() => Array(200_000).fill({})" });
    assert.equal(error?.code, "E_RENDERED_TOO_LARGE");
    assert.match(error?.message ?? "", /jsScript returned has more than 500,000 values/);
  });

  await t.test("scripts run at the start or the end and see the viewport, and their errors are their results", async () => {
    const [start, end, thrown] = await Promise.all([
      render("/page/1", { jsScript: "function() { return document.title }", jsRunAt: "document-start" }),
      render("/page/1", { jsScript: "async () => [document.title, innerWidth]", jsViewportWidth: 500 }),
      render("/page/1", { jsScript: "() => { throw new Error('mine') }" }),
    ]);
    assert.deepEqual([start.jsScriptResult, end.jsScriptResult, thrown.jsScriptResult], ["", ["Page 1", 500], "Error: mine"]);
  });

  await t.test("images are loaded only on request", async () => {
    const jsScript = "() => { document.body.append(Object.assign(new Image(), { src: '/special/status/204' })) }";
    await render("/page/1", { jsScript });
    assert.equal(site.requests.get("/special/status/204"), undefined);
    await render("/page/1", { jsScript, loadImages: true });
    assert.equal(site.requests.get("/special/status/204"), 1);
  });

  await t.test("a screenshot has the size of the window, and is omitted above the size limit", async () => {
    const page = await render("/page/1", { screenshot: true, jsViewportWidth: 320, jsViewportHeight: 200 });
    const tooLarge = failureOf(await render("/page/1", { screenshot: true, maxBodyBytes: 6_000, jsViewportHeight: 4_000 }));
    const without = await render("/page/1");

    const png = Buffer.from(page.screenshot ?? "", "base64");
    assert.deepEqual([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)], ["PNG", 320, 200]);
    assert.equal(tooLarge.code, "E_RENDERED_TOO_LARGE", tooLarge.message);
    assert.equal("screenshot" in without, false);
  });

  await t.test("a binary body is sent unchanged", async () => {
    const base64 = Buffer.from([0, 255, 10]).toString("base64");
    const page = await render("/special/echo", { data: { base64 }, headers: { "content-type": "application/octet-stream" } });
    const echo = JSON.parse(/\{.*\}/s.exec(textOf(page))?.[0] ?? "");
    assert.deepEqual(
      [echo.method, echo.headers["content-length"], echo.headers["content-type"]],
      ["POST", "3", "application/octet-stream"],
    );
  });

  await t.test("a page that is not ready at the time limit fails, whatever part of it has loaded", async () => {
    // By itself, so that the busy page cannot keep this one from its first byte.
    const trickle = await render("/special/trickle", { timeoutMs: 4_000 });
    const [silent, busy] = await Promise.all([
      render("/special/silent", { timeoutMs: 1_500 }),
      render("/page/1", { timeoutMs: 3_000, jsScript: "() => { for (;;); }" }),
    ]);
    assert.equal(failureOf(trickle).code, "E_RENDER_TIMEOUT");
    assert.match(failureOf(trickle).message, /it still waited for its load event, with GET .*\/special\/trickle open/);
    assert.equal(failureOf(silent).code, "E_RENDER_TIMEOUT");
    assert.equal(failureOf(busy).code, "E_RENDER_TIMEOUT");
    assert.match(textOf(await render("/page/2")), /Page 2/);
  });

  await t.test("private addresses are refused as a page, after a redirect, and to the page's scripts", async () => {
    for (const target of ["http://10.0.0.1/", "https://10.0.0.1/", "/special/redirect-to?url=http://169.254.169.254/"]) {
      assert.equal(failureOf(await render(target)).code, "E_PRIVATE_ADDRESS", target);
    }
    const jsScript = "() => fetch('http://10.0.0.1/', { mode: 'no-cors' }).then(() => 'reached', () => 'refused')";
    assert.equal((await render("/page/1", { jsScript })).jsScriptResult, "refused");
  });

  await t.test("a page that redirects itself to an unreachable address fails with that reason", async () => {
    const leave = (url: string) => render("/page/1", { jsScript: `() => { location.href = ${JSON.stringify(url)}; }` });

    const [privately, nowhere] = [failureOf(await leave("http://10.0.0.1/")), failureOf(await leave("http://127.0.0.1:20999/"))];

    assert.equal(privately.code, "E_PRIVATE_ADDRESS");
    assert.match(nowhere.message, /ECONNREFUSED/);
  });

  await t.test("the result of jsScript has the page's size limit", async () => {
    const error = failureOf(await render("/page/1", { maxBodyBytes: 10_000, jsScript: '() => "x".repeat(20_000)' }));

    assert.equal(error.code, "E_RENDERED_TOO_LARGE");
    assert.match(error.message, /what jsScript returned/);
  });
});

test("the address guard also refuses loopback", { skip }, async () => {
  await using rendering = await startRendering({ allowAddresses: [] });

  const error = failureOf(await rendering.render("/page/1"));

  assert.deepEqual([error.code, rendering.site.requests.size], ["E_PRIVATE_ADDRESS", 0]);
});

test("Chromium is replaced above its memory limit and after its maximum number of pages", {
  skip,
  timeout: 60_000,
}, async () => {
  await using rendering = await startRendering({ pagesPerBrowser: 1 });

  const huge = await rendering.render("/special/huge");
  const next = await Promise.all([rendering.render("/page/1"), rendering.render("/page/2"), rendering.render("/page/3")]);

  assert.match(failureOf(huge).message, /held \d+ MiB, the limit is 400 MiB/);
  assert.deepEqual(
    next.map(({ statusCode }) => statusCode),
    [200, 200, 200],
  );
});

test("pages that are open when another takes all memory are rendered all the same", { skip, timeout: 240_000 }, async () => {
  await using rendering = await startRendering();
  const paths = ["/greedy/0", "/page/1", "/leaky/2", "/leaky/3"];

  // Chromium starts four times, which takes long on a busy machine.
  const [greedy, ...others] = await Promise.all(paths.map((path) => rendering.render(path, { timeoutMs: 120_000 })));

  assert.match(failureOf(greedy as Page).message, /held \d+ MiB, the limit is 400 MiB/);
  assert.deepEqual(
    others.map(({ statusCode, error }) => [statusCode, error?.message]),
    others.map(() => [200, undefined]),
  );
});

test("Chromium is replaced when it can open no tab", { skip, timeout: 60_000 }, async () => {
  await using rendering = await startRendering();
  await rendering.render("/page/1");

  for (const pid of descendantsOf(process.pid)) if (isZygote(pid)) process.kill(pid, "SIGKILL");
  const stuck = failureOf(await rendering.render("/page/2"));
  const next = await rendering.render("/page/3");

  assert.deepEqual([stuck.code, stuck.retryable, next.statusCode], ["E_CHROMIUM_GONE", true, 200], stuck.message);
  assert.match(stuck.message, /no tab opened within 10 s/);
});

const isZygote = (pid: number) => /--type=zygote\b/.test(commandLineOf(pid));

test("a page is refused as busy when all tabs and the queue are full", { skip }, async () => {
  await using rendering = await startRendering({ tabs: 1, maxWaiting: 0 });
  const first = rendering.render("/page/1");

  await assert.rejects(rendering.render("/page/2"), { code: "E_RENDERER_BUSY" });

  assert.equal((await first).statusCode, 200);
});

test("without Chromium the page's error gives the installation command", async () => {
  await using rendering = await startRendering({ chromiumPath: "/nowhere/chromium" });

  const error = failureOf(await rendering.render("/page/1"));

  assert.deepEqual([error.code, error.retryable], ["E_NO_CHROMIUM", false]);
  assert.match(error.message, /apt-get install chromium/);
});
