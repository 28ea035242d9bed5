/** TLS at the edges with a real ACME server, real nginx and the script of the edge hosts: one fleet from its first certificate on. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { askTls } from "../../services/cli/stack/edge-state.ts";
import { buildPages } from "../../services/webui/pages-build.ts";
import { pebbleIsMissing } from "../fixtures/pebble.ts";
import { startRefusingProxy } from "../fixtures/refusing-proxy.ts";
import { loopbackOf } from "../fixtures/tls-edge.ts";
import { DOMAIN, startTlsFleet } from "../fixtures/tls-fleet.ts";
import { underTlsLoad } from "../fixtures/tls-load.ts";
import { until } from "../fixtures/until.ts";
import { TOKEN } from "../fixtures/webui.ts";

const skip = pebbleIsMissing || (spawnSync("nginx", ["-v"]).error ? "nginx is not installed" : false);
const REFUSED = "refused.test";
const REQUESTS = process.env.TEST_LONG === "1" ? 20_000 : 2_000;
/** A dozen looks of the issuers at the database. */
const LOOKS_MS = 600;
const RATE_LIMIT = {
  ...{ path: /^\/order-plz/, passFirst: 0, status: 429, retryAfterSeconds: 600 },
  detail: "too many certificates already issued for this set of domains",
};
/** The challenge is begun, and no look at it succeeds. */
const UNDECIDED = { path: /^\/chalZ/, passFirst: 1, status: 500, detail: "try later" };
const withToken = { headers: { authorization: `Bearer ${TOKEN}` } };

describe("a fleet with a domain", { skip }, () => {
  let fleet: Awaited<ReturnType<typeof startTlsFleet>>;
  before(async () => {
    await buildPages(() => {});
    fleet = await startTlsFleet({ refused: [REFUSED] });
  });
  after(() => fleet?.[Symbol.asyncDispose]());
  const first = () => fleet.edges[0];
  const serials = async () => Promise.all(fleet.edges.map(async (edge) => (await fleet.get("https", edge, "/login")).serial));
  /** A reload takes a moment: until then the workers before it answer. */
  const untilServed = () =>
    until("all edges serve what is stored", async () => {
      const { chain } = await fleet.order("a certificate", (order) => order.chain !== null);
      return (await serials()).every((serial) => serial === new X509Certificate(chain ?? "").serialNumber);
    });
  const refreshAll = async () =>
    (await Promise.all(fleet.edges.map((edge) => edge.refresh()))).map(({ status, stderr }) => (status === 0 ? 0 : stderr));

  test("before the first certificate an edge reports its absence on both ports, and accepts no token", async () => {
    const answers = await Promise.all(
      (["http", "https"] as const).map((scheme) => fleet.get(scheme, first(), "/api/v1/projects", withToken)),
    );

    for (const { status, text } of answers) {
      assert.equal(status, 503);
      assert.match(text, /^This edge has no certificate for crawl\.test yet\./);
    }
    assert.deepEqual(await askTls({ address: first().address, port: fleet.ports.https }, DOMAIN), {
      url: "https://127.0.0.2",
      status: 503,
    });
  });

  test("a tunnel to the host itself reaches the web UI without a certificate", async () => {
    const answer = await fleet.get("http", { ...first(), address: loopbackOf(first().address) }, "/api/v1/projects", withToken);

    assert.deepEqual([answer.status, answer.text], [200, "[]"]);
  });

  test("an edge answers only open challenges, and the certificate's route is not public", async () => {
    const unknown = await fleet.get("http", first(), `/.well-known/acme-challenge/${"a".repeat(43)}`);
    const post = await fleet.get("http", first(), `/.well-known/acme-challenge/${"a".repeat(43)}`, { method: "POST" });
    const internal = await fleet.get("http", { ...first(), address: loopbackOf(first().address) }, "/internal/certificate");

    assert.deepEqual([unknown.status, post.status, internal.status], [404, 403, 404]);
  });

  test("the scheduler waits as long as the CA's rate limit requests, and shows the CA's message", async () => {
    await using proxy = await startRefusingProxy(fleet.pebble, RATE_LIMIT);
    await using issuers = fleet.startIssuers({ directory: proxy.directory });

    const { problem, waits, failures } = await fleet.order("a refusal", (order) => order.problem !== null);
    await delay(LOOKS_MS);

    assert.deepEqual([problem, failures, issuers.orders()], [RATE_LIMIT.detail, 1, 1]);
    assert.ok(waits > RATE_LIMIT.retryAfterSeconds - 30, `${waits} s`);
  });

  test("a scheduler that stops during an order ends at once, releases the order, and counts no failure", async () => {
    await using proxy = await startRefusingProxy(fleet.pebble, UNDECIDED);
    const issuers = fleet.startIssuers({ directory: proxy.directory });
    await until("a look at the challenge", () => proxy.refused() > 0);

    const began = performance.now();
    await issuers[Symbol.asyncDispose]();
    const took = performance.now() - began;

    const [row] = await fleet.database.query("select issuer, failures, problem from certificate");
    assert.deepEqual(row, { issuer: null, failures: 0, problem: null });
    assert.ok(took < 2_000, `${took} ms`);
  });

  test("with one of two edges down, an order that reaches it fails with the CA's message, and an order that reaches the other succeeds", async () => {
    const [dead, alive] = fleet.edges;
    await dead.stop();
    await using issuers = fleet.startIssuers();

    const { problem } = await fleet.order("a failure", (order) => order.problem !== null);
    fleet.pointTo(alive, dead);
    await fleet.orderNow();
    await fleet.order("a certificate", ({ chain }) => chain !== null);
    await delay(LOOKS_MS);

    assert.match(problem ?? "", /dial tcp .*connection refused/);
    assert.equal(issuers.orders(), 2);
  });

  test("all edges serve the same certificate, and an edge that was down serves it as soon as it is back", async () => {
    await first().start();

    const installed = await refreshAll();
    await untilServed();
    const { status, goodUntil = 0 } = await askTls({ address: first().address, port: fleet.ports.https }, DOMAIN);

    assert.deepEqual(installed, [0, 0]);
    assert.deepEqual([status, Math.round((goodUntil - Date.now() / 1_000) / 86_400)], [200, 90]);
  });

  test("a restart causes no new order", async () => {
    await using issuers = fleet.startIssuers();
    await delay(LOOKS_MS);

    assert.equal(issuers.orders(), 0);
  });

  test("plain HTTP only redirects: no method passes, and no token is accepted", async () => {
    for (const [method, path] of [
      ["GET", "/api/v1/projects"],
      ["POST", "/api/v1/login"],
      ["GET", "/login"],
      ["DELETE", "/metrics"],
    ] as const) {
      const { status, headers, text } = await fleet.get("http", first(), path, { method, ...withToken });

      assert.deepEqual([status, headers.location], [308, `https://${DOMAIN}${path}`]);
      assert.doesNotMatch(text, /\[\]|token/);
    }
  });

  test("HTTPS accepts the token, and browsers must stay with HTTPS", async () => {
    const { status, headers, text } = await fleet.get("https", first(), "/api/v1/projects", withToken);

    assert.deepEqual([status, text, headers["strict-transport-security"]], [200, "[]", "max-age=63072000"]);
  });

  test("openssl finds only TLS 1.2 and 1.3, strong suites and HTTP/2", () => {
    const connect = (...args: string[]) => {
      const where = ["-connect", `127.0.0.2:${fleet.ports.https}`, "-servername", DOMAIN];
      return spawnSync("openssl", ["s_client", ...where, ...args], { input: "", encoding: "utf8" });
    };
    const isWeak = ["-tls1_2", "-cipher", `ALL:COMPLEMENTOFALL:${STRONG.map((suite) => `!${suite}`).join(":")}:@SECLEVEL=0`];

    const refused = [["-tls1"], ["-tls1_1"]].map((args) => connect(...args, "-cipher", "ALL:@SECLEVEL=0").status);
    const suites = STRONG.map((suite) => connect("-tls1_2", "-cipher", suite).status);
    const [older, newer] = [connect("-tls1_2", "-alpn", "h2"), connect("-tls1_3", "-alpn", "h2")];

    assert.deepEqual([refused, connect(...isWeak).status, suites], [[1, 1], 1, [0, 0, 0]]);
    for (const { stdout } of [older, newer]) assert.match(stdout, /^ALPN protocol: h2$/m);
    assert.doesNotMatch(older.stdout, /TLS session ticket:/);
  });

  test(`none of ${REQUESTS} requests through both edges fails while a certificate is renewed`, async () => {
    const [before] = await serials();
    await using issuers = fleet.startIssuers();

    const load = await underTlsLoad(fleet.edges, { count: REQUESTS, path: "/login" }, async () => {
      await fleet.orderNow();
      await fleet.order("a renewal", ({ chain }) => chain !== null && new X509Certificate(chain).serialNumber !== before);
      assert.deepEqual(await refreshAll(), [0, 0]);
      await untilServed();
    });

    assert.deepEqual([load.failures, issuers.orders(), (await serials()).includes(before)], [[], 1, false]);
    assert.ok(load.requests >= REQUESTS);
  });

  test("when the CA refuses a domain, its message is reported, and the edges keep their certificate", async () => {
    const [before] = await serials();
    await using issuers = fleet.startIssuers({ domain: REFUSED });

    const { problem, failures, waits } = await fleet.order("a refusal", (order) => order.problem !== null);
    await delay(LOOKS_MS);
    await refreshAll();

    assert.match(problem ?? "", /blocked|refused|policy/i);
    assert.deepEqual([failures, issuers.orders(), waits > 90], [1, 1, true]);
    assert.deepEqual(await serials(), [before, before]);
  });
});

/** Mozilla's intermediate configuration, for a certificate with an ECDSA key. */
const STRONG = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"];
