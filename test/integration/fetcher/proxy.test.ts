import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import { createAddressGuard } from "../../../services/core/net/address-guard.ts";
import { openAgents } from "../../../services/fetcher/agents.ts";
import { BodyBudget } from "../../../services/fetcher/body-budget.ts";
import { exchange } from "../../../services/fetcher/exchange.ts";
import { makeCertificate, opensslIsMissing } from "../../fixtures/certificate.ts";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";
import { type ProxyFixture, type ProxyOptions, startHttpProxy, startSocksProxy } from "../../fixtures/proxy-server.ts";

const skip = opensslIsMissing;
const certificate = skip ? { cert: "", key: "" } : makeCertificate();
if (!skip) tls.setDefaultCACertificates([...tls.getCACertificates("default"), certificate.cert]);

const KINDS: Record<string, (options?: ProxyOptions) => Promise<ProxyFixture>> = {
  http: startHttpProxy,
  https: (options) => startHttpProxy({ ...options, tls: certificate }),
  socks5: startSocksProxy,
};
const NAMES = { "site.test": "127.0.0.1" };

/** A site with TLS and the name `site.test`, which only the proxies know. */
async function startSecureSite() {
  const server = createServer(certificate, (request, response) => response.end(`secure ${request.url}`));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

for (const [kind, start] of Object.entries(KINDS)) {
  test(`a proxy of kind ${kind} fetches http: pages repeatedly and resolves their name`, { skip }, async () => {
    await using fetching = await startFetching();
    await using proxy = await start({ names: NAMES });
    const { port } = new URL(fetching.site.origin);
    const options = { proxy: `${kind}://127.0.0.1:${proxy.port}`, robotsTxt: false };

    const pages = [
      await fetching.get(`http://site.test:${port}/page/1`, options),
      await fetching.get(`http://site.test:${port}/special/echo`, options),
    ];

    assert.deepEqual(
      pages.map(({ statusCode, error }) => [statusCode, error]),
      [
        [200, undefined],
        [200, undefined],
      ],
    );
    const seen =
      kind === "socks5"
        ? [`SOCKS site.test:${port}`]
        : [`GET http://site.test:${port}/page/1`, `GET http://site.test:${port}/special/echo`];
    assert.deepEqual([...new Set(proxy.asked)], seen);
    const { headers } = JSON.parse(textOf(pages[1] as (typeof pages)[number]));
    assert.equal(headers.host, `site.test:${port}`);
    assert.equal(headers["proxy-authorization"], undefined);
  });

  test(`a proxy of kind ${kind} fetches an https: page through a tunnel`, { skip }, async () => {
    await using fetching = await startFetching();
    await using site = await startSecureSite();
    await using proxy = await start({ names: NAMES });

    const page = await fetching.get(`https://site.test:${site.port}/x`, { proxy: `${kind}://127.0.0.1:${proxy.port}`, robotsTxt: false });

    assert.equal(page.error, undefined);
    assert.equal(textOf(page), "secure /x");
    assert.deepEqual(proxy.asked, [`${kind === "socks5" ? "SOCKS" : "CONNECT"} site.test:${site.port}`]);
  });

  test(`a proxy of kind ${kind} accepts user and password, and error messages do not repeat them`, { skip }, async () => {
    await using fetching = await startFetching();
    await using proxy = await start({ login: "user:pass word" });
    const at = `127.0.0.1:${proxy.port}`;

    const right = await fetching.get("/page/1", { proxy: `${kind}://user:pass%20word@${at}`, robotsTxt: false });
    const wrong = failureOf(await fetching.get("/page/2", { proxy: `${kind}://user:wrong-secret@${at}`, robotsTxt: false }));
    const tunnelled = failureOf(
      await fetching.get("https://127.0.0.1:1/", { proxy: `${kind}://user:wrong-secret@${at}`, robotsTxt: false }),
    );

    assert.deepEqual([right.statusCode, right.error], [200, undefined]);
    for (const error of [wrong, tunnelled]) {
      assert.deepEqual([error.code, error.retryable], ["E_PROXY", true], error.message);
      assert.doesNotMatch(error.message, /secret|user:/);
    }
  });

  test(`a proxy of kind ${kind} at a private address is refused, and so is a private target behind an allowed proxy`, {
    skip,
  }, async () => {
    await using guarded = await startFetching({ allowAddresses: [] });
    await using fetching = await startFetching();
    await using proxy = await start();
    const options = { proxy: `${kind}://127.0.0.1:${proxy.port}` };

    const errors = [
      failureOf(await guarded.get("http://site.test/", options)),
      failureOf(await guarded.get("http://site.test/", { proxy: `${kind}://localhost:${proxy.port}` })),
      failureOf(await fetching.get("http://10.1.2.3/", options)),
      failureOf(await fetching.get("https://169.254.169.254/", options)),
      failureOf(await fetching.get("/special/redirect-to?url=http://192.168.0.1/", options)),
    ];

    assert.deepEqual(new Set(errors.map(({ code }) => code)), new Set(["E_PRIVATE_ADDRESS"]));
    assert.ok(!proxy.asked.some((asked) => /^\S+ (http:\/\/)?(10\.1|169\.254|192\.168)/.test(asked)), String(proxy.asked));
  });

  test(`a closed port of a proxy of kind ${kind} fails with E_PROXY`, { skip }, async () => {
    await using fetching = await startFetching();

    for (const url of ["/page/1", "https://site.test/"] as const) {
      const error = failureOf(await fetching.get(url, { proxy: `${kind}://127.0.0.1:1` }));
      assert.equal(error.code, "E_PROXY", error.message);
      assert.match(error.message, /ECONNREFUSED/);
    }
  });
}

test("localhost is also refused behind a proxy", { skip }, async () => {
  await using fetching = await startFetching({ allowAddresses: ["127.0.0.2/32"] });

  for (const name of ["localhost", "a.localhost", "LOCALHOST."]) {
    assert.equal(failureOf(await fetching.get(`http://${name}/`, { proxy: "http://127.0.0.2:1" })).code, "E_PRIVATE_ADDRESS", name);
  }
});

test("a TLS proxy with an untrusted certificate is refused", { skip }, async () => {
  await using fetching = await startFetching();
  await using proxy = await startHttpProxy({ tls: makeCertificate() });

  assert.equal(failureOf(await fetching.get("/page/1", { proxy: `https://127.0.0.1:${proxy.port}` })).code, "E_PROXY");
});

test("the page's certificate is checked behind a proxy unless the task disables it", { skip }, async () => {
  await using fetching = await startFetching();
  await using site = await startSecureSite();
  await using proxy = await startSocksProxy({ names: { "other.test": "127.0.0.1" } });
  const get = (validateCert: boolean) =>
    fetching.get(`https://other.test:${site.port}/`, { proxy: `socks5://127.0.0.1:${proxy.port}`, validateCert, robotsTxt: false });

  assert.deepEqual([(await get(true)).error?.code, (await get(false)).statusCode], ["E_TLS", 200]);
});

test("rules of robots.txt that one proxy fetched do not apply to pages through another proxy", { skip }, async () => {
  await using fetching = await startFetching();
  const dead = { proxy: "http://127.0.0.1:1" };

  const [through, direct] = await Promise.all([fetching.get("/page/1", dead), fetching.get("/page/2")]);

  assert.deepEqual([failureOf(through).code, direct.statusCode], ["E_PROXY", 200]);
});

test("robots.txt is read through the page's proxy", { skip }, async () => {
  await using fetching = await startFetching();
  await using proxy = await startHttpProxy();

  await fetching.get("/page/1", { proxy: `http://127.0.0.1:${proxy.port}` });

  assert.deepEqual(proxy.asked, [`GET ${fetching.site.origin}/robots.txt`, `GET ${fetching.site.origin}/page/1`]);
});

test("proxy: false connects directly, and an invalid proxy fails without a retry", { skip }, async () => {
  await using fetching = await startFetching();

  const direct = await fetching.get("/page/1", { proxy: false });
  const error = failureOf(await fetching.get("/page/1", { proxy: "gopher://me:secret@a" }));

  assert.equal(direct.statusCode, 200);
  assert.deepEqual([error.code, error.retryable], ["E_BAD_PROXY", false]);
  assert.doesNotMatch(error.message, /secret/);
});

test("a proxy that does not answer fails at the task's time limit", { skip }, async () => {
  await using fetching = await startFetching();
  await using silent = await startSocksProxy();
  // It waits for more than HTTP sends.
  const page = await fetching.get("/page/1", { proxy: `http://127.0.0.1:${silent.port}`, timeout: 0.4, robotsTxt: false });

  assert.match(failureOf(page).code, /E_FETCH_TIMEOUT|E_PROXY|E_CONNECTION|E_BAD_RESPONSE/);
  assert.ok(page.timeMs < 5_000);
});

test("a proxy whose connections were evicted for other proxies gets new ones", { skip }, async () => {
  const guard = createAddressGuard(["127.0.0.0/8"]);
  await using agents = openAgents(guard);
  await using proxy = await startHttpProxy({ names: NAMES });
  await using fetching = await startFetching();
  const hop = { url: new URL(`${fetching.site.origin}/page/1`), method: "GET", headers: {}, body: undefined };
  const limits = { connectMs: 5_000, deadline: performance.now() + 20_000, limitMs: 20_000, maxBodyBytes: 1e6, followRedirects: true };
  const budgetLease = new BodyBudget(1e6).open();
  const route = agents.route({ isVerified: true, proxy: `http://127.0.0.1:${proxy.port}` });
  const ask = () => exchange(hop, { ...limits, route, budgetLease });

  const before = await ask();
  for (let n = 0; n < 250; n++)
    await exchange(hop, {
      ...limits,
      route: agents.route({ isVerified: true, proxy: `http://127.0.0.1:${20_001 + n}` }),
      budgetLease,
    }).catch(() => {});
  const after = await ask();

  assert.deepEqual([before.statusCode, after.statusCode], [200, 200]);
});
