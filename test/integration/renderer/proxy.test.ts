import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import { createLog } from "../../../services/core/runtime/log.ts";
import { findChromium } from "../../../services/renderer/find-chromium.ts";
import { renderRequest } from "../../../services/renderer/render-request.ts";
import { createRenderer } from "../../../services/renderer/renderer.ts";
import { rendererDefaults } from "../../../services/renderer/settings.ts";
import { failureOf, LOOPBACK, textOf } from "../../fixtures/fetching.ts";
import { type ProxyFixture, type ProxyOptions, startHttpProxy, startSocksProxy } from "../../fixtures/proxy-server.ts";

const skip = hasChromium() ? false : "no Chromium on this machine";

function hasChromium(): boolean {
  try {
    return findChromium(process.env.ORB_CHROMIUM_PATH, process.env.PATH ?? "") !== "";
  } catch {
    return false;
  }
}

async function startRendering(allowAddresses = LOOPBACK) {
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await startSite());
  const settings = { ...rendererDefaults, chromiumPath: process.env.ORB_CHROMIUM_PATH, allowAddresses };
  const renderer = opening.use(createRenderer(settings, createLog("renderer", "silent")));
  const stack = opening.move();
  return {
    site,
    render: (url: string, proxy: string) => renderer.render(renderRequest.parse({ url, proxy, timeoutMs: 20_000, maxBodyBytes: 2 ** 24 })),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const KINDS: Record<string, (options?: ProxyOptions) => Promise<ProxyFixture>> = { http: startHttpProxy, socks5: startSocksProxy };

for (const [kind, start] of Object.entries(KINDS)) {
  test(`a proxy of kind ${kind} fetches a page and its subresources, and resolves their names`, { skip }, async () => {
    await using rendering = await startRendering();
    await using proxy = await start({ login: "user:secret", names: { "site.test": "127.0.0.1" } });
    const { port } = new URL(rendering.site.origin);

    const page = await rendering.render(`http://site.test:${port}/page/29`, `${kind}://user:secret@127.0.0.1:${proxy.port}`);

    assert.match(textOf(page), /<h1>Page 29<\/h1>/);
    assert.ok(
      proxy.asked.every((asked) => asked.includes(`site.test:${port}`)),
      String(proxy.asked),
    );
    assert.ok(rendering.site.requests.has("/data/29"), "the page's own request went the same way");
  });

  test(`errors about a refusal by a proxy of kind ${kind}, or a private target, contain no password`, { skip }, async () => {
    await using rendering = await startRendering();
    await using proxy = await start({ login: "user:right" });
    const address = `${kind}://user:wrong-secret@127.0.0.1:${proxy.port}`;

    const refused = failureOf(await rendering.render(`${rendering.site.origin}/page/1`, address));
    const secure = failureOf(await rendering.render("https://site.test/", address));
    const guarded = failureOf(await rendering.render("http://10.1.2.3/", address));

    assert.deepEqual([refused.code, secure.code, guarded.code], ["E_PROXY", "E_PROXY", "E_PRIVATE_ADDRESS"]);
    assert.doesNotMatch(refused.message + secure.message, /secret/);
  });
}

test("a proxy at a private address is refused, and so is an invalid proxy", { skip }, async () => {
  await using rendering = await startRendering([]);

  const codes = [];
  for (const proxy of ["http://127.0.0.1:1", "socks5://localhost:1", "gopher://me:secret@a"]) {
    codes.push(failureOf(await rendering.render("http://site.test/", proxy)).code);
  }

  assert.deepEqual(codes, ["E_PRIVATE_ADDRESS", "E_PRIVATE_ADDRESS", "E_BAD_PROXY"]);
});
