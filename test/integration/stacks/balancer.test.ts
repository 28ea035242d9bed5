import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { renderConfiguration } from "haproxy-config-generator";
import { Agent, request } from "undici";
import { noHaproxy } from "../../../packages/haproxy-config-generator/test/check-configuration.ts";
import { fullModel, smallModel } from "../../../packages/haproxy-config-generator/test/models.ts";
import { renderBalancer } from "../../../stacks/render/balancer.ts";
import { renderBalancerReload } from "../../../stacks/render/balancer-script.ts";
import { startDnsServer } from "../../fixtures/dns-server.ts";
import { startHaproxy } from "../../fixtures/haproxy.ts";
import { findFreePort } from "../../fixtures/server-process.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";

test("no GET fails and no POST runs twice when a replica fails its check, drains or crashes, or the balancer reloads", {
  skip: noHaproxy,
}, async () => {
  const port = await findFreePort();
  await using first = await startReplica("127.0.0.2", port);
  await using second = await startReplica("127.0.0.3", port);
  await using third = await startReplica("127.0.0.4", port);
  const addresses = { "tasks.webui": [first.address, second.address] };
  await using balancer = await startBalancer(port, addresses);
  await until("two replicas are up", async () => (await balancer.countUp()) === 2);
  await using load = startLoad(`http://127.0.0.1:${port}`);
  await load.more(50);

  first.state.health = 503;
  await until("the sick one is out", async () => (await balancer.countUp()) === 1);
  await load.more(50);
  first.state.health = 200;
  await until("it is back", async () => (await balancer.countUp()) === 2);
  second.state.health = 404;
  await until("the draining one is out", async () => (await balancer.countUp()) === 1);
  const asked = second.state.requests;
  await load.more(50);
  assert.equal(second.state.requests, asked);
  addresses["tasks.webui"] = [first.address, third.address];
  await until("the third has come", async () => (await balancer.countUp()) === 2);
  await balancer.reload();
  await until("both are up in the new process", async () => (await balancer.countUp()) === 2);
  await load.more(50);
  first.die();
  await load.more(100);

  assert.deepEqual(
    load.failures.filter(({ method }) => method === "GET"),
    [],
  );
  assert.deepEqual(load.doubledPosts([first, second, third]), []);
});

test("an unresponsive resolver fails no request, also during a reload", { skip: noHaproxy }, async () => {
  const port = await findFreePort();
  await using replica = await startReplica("127.0.0.2", port);
  await using balancer = await startBalancer(port, { "tasks.webui": [replica.address] });
  await until("the replica is up", async () => (await balancer.countUp()) === 1);
  await using load = startLoad(`http://127.0.0.1:${port}`);

  balancer.dns.isSilent = true;
  await until("two questions have no answer", () => balancer.dns.unanswered > 2);
  await balancer.reload();
  await until("nor have those of the new process", () => balancer.dns.unanswered > 30);
  await load.more(50);

  assert.deepEqual(load.failures, []);
});

test("the reload script saves the replicas' state before it reloads", { skip: noHaproxy }, async () => {
  const port = await findFreePort();
  await using replica = await startReplica("127.0.0.2", port);
  await using balancer = await startBalancer(port, { "tasks.webui": [replica.address] });
  await until("the replica is up", async () => (await balancer.countUp()) === 1);
  const script = renderBalancerReload({ configuration: `${balancer.directory}/haproxy.cfg`, runDirectory: balancer.directory });

  const { status, stdout, stderr } = spawnSync("sh", ["-s"], { input: `kill() { echo "kill $*"; }\n${script}`, encoding: "utf8" });

  assert.deepEqual([status, stdout], [0, "kill -USR2 1\n"], stderr);
  assert.match(readFileSync(`${balancer.directory}/servers.state`, "utf8"), / webui \d+ webui1 127\.0\.0\.2 2 /);
});

test("the balancer's state and metrics are visible only in the mesh", { skip: noHaproxy }, async () => {
  const port = await findFreePort();
  await using balancer = await startBalancer(port, {});
  const ask = async (path: string, localAddress: string) => {
    const dispatcher = new Agent({ localAddress });
    const { statusCode, body } = await request(`http://127.0.0.1:${balancer.statusPort}${path}`, { dispatcher });
    const text = await body.text();
    await dispatcher.close();
    return { statusCode, text };
  };

  const [metrics, page, refused] = [await ask("/metrics", "127.0.0.1"), await ask("/", "127.0.0.1"), await ask("/metrics", "127.0.0.9")];

  assert.match(metrics.text, /^haproxy_backend_status\{proxy="webui"/m);
  assert.match(page.text, /Statistics Report/);
  assert.equal(refused.statusCode, 403);
});

/** What a client says of itself and of others; the last two have no place in the fleet. */
const FORGED = {
  "x-forwarded-for": "198.51.100.7",
  "x-forwarded-proto": "https",
  "x-forwarded-host": "evil.example",
  forwarded: "for=198.51.100.7;proto=https",
};

for (const [who, localAddress, seen] of [
  ["an edge", "127.0.0.1", { client: ["198.51.100.7"], proto: ["https"] }],
  ["any other source", "127.0.0.9", { client: ["127.0.0.9"], proto: ["http"] }],
] as const) {
  test(`client headers of ${who} reach a replica as ${seen.client} by ${seen.proto}`, { skip: noHaproxy }, async () => {
    const port = await findFreePort();
    await using replica = await startReplica("127.0.0.2", port);
    await using balancer = await startBalancer(port, { "tasks.webui": [replica.address] });
    await until("the replica is up", async () => (await balancer.countUp()) === 1);
    const dispatcher = new Agent({ localAddress });
    const headers = Object.entries(FORGED).flat();

    await request(`http://127.0.0.1:${port}/once`, { dispatcher, headers });
    const repeated = ["X-FORWARDED-FOR", "203.0.113.1", ...headers];
    await request(`http://127.0.0.1:${port}/twice`, { dispatcher, headers: repeated });
    await dispatcher.close();

    const said = replica.state.headers.map((all) => ({
      client: all["x-forwarded-for"],
      proto: all["x-forwarded-proto"],
      host: all["x-forwarded-host"],
      forwarded: all.forwarded,
    }));
    const nothing = { host: undefined, forwarded: undefined };
    assert.deepEqual(said[0], { ...seen, ...nothing });
    if (who !== "an edge") assert.deepEqual(said[1], { ...seen, ...nothing });
  });
}

test("text of the model reaches the client unchanged", { skip: noHaproxy }, async () => {
  using directory = temporaryDirectory();
  const port = await findFreePort();
  const rule = fullModel.frontends.site?.rules?.find(({ do: action }) => action === "answer");
  assert.ok(rule?.do === "answer");
  const { status, contentType, text } = rule;
  const configuration = renderConfiguration({
    ...smallModel,
    global: { maxConnections: 100, statsSockets: [{ path: `${directory.path}/admin.sock`, mode: "600", level: "admin" }] },
    frontends: { site: { binds: [{ address: "127.0.0.1", port }], rules: [{ do: "answer", status, contentType, text }] } },
  });
  await using _haproxy = await startHaproxy(configuration, directory.path);

  const { body } = await request(`http://127.0.0.1:${port}/ok`);

  assert.equal(await body.text(), text);
});

async function startBalancer(port: number, addresses: Record<string, string[]>) {
  const directory = temporaryDirectory();
  const dns = await startDnsServer(addresses);
  const ports = { renderer: await findFreePort(), fetcher: await findFreePort(), webui: port, status: await findFreePort() };
  const configuration = renderBalancer({
    address: "127.0.0.1",
    resolver: { address: "127.0.0.1", port: dns.port },
    hostNames: { renderer: "tasks.renderer", fetcher: "tasks.fetcher", webui: "tasks.webui" },
    ports,
    statusSources: ["127.0.0.1"],
    edgeSources: ["127.0.0.1"],
    runDirectory: directory.path,
  });
  const haproxy = await startHaproxy(configuration, directory.path);
  return {
    statusPort: ports.status,
    directory: directory.path,
    reload: haproxy.reload,
    dns: dns.state,
    countUp: async () => [...(await haproxy.command("show stat")).matchAll(/^webui,webui\d+,(?:[^,]*,){15}UP/gm)].length,
    async [Symbol.asyncDispose]() {
      await haproxy[Symbol.asyncDispose]();
      await dns[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

/** A replica of the web UI that answers `GET /healthz` with `state.health` and remembers what ran. */
async function startReplica(address: string, port: number) {
  const state = { health: 200, requests: 0, posts: [] as string[], headers: [] as NodeJS.Dict<string[]>[] };
  const server = createServer((incoming, answer) => {
    if (incoming.url === "/healthz") return answer.writeHead(state.health).end();
    state.requests += 1;
    state.headers.push(incoming.headersDistinct);
    if (incoming.method === "POST") state.posts.push(incoming.url ?? "");
    setTimeout(() => answer.end("ok"), 5);
  });
  await once(server.listen(port, address), "listening");
  const die = () => {
    server.close();
    server.closeAllConnections();
  };
  return {
    address,
    state,
    die,
    async [Symbol.asyncDispose]() {
      die();
      if (server.listening) await once(server, "close");
    },
  };
}

/** Requests one after the other on four connections, every second a POST, every fourth on a new connection. */
function startLoad(origin: string) {
  const stop = new AbortController();
  const failures: { method: string; reason: string }[] = [];
  let answered = 0;
  let sent = 0;
  const send = async (dispatcher: Agent) => {
    const n = sent++;
    const method = n % 2 === 0 ? "POST" : "GET";
    const reason = await request(`${origin}/${n}`, { method, dispatcher, reset: n % 4 === 0 }).then(
      ({ statusCode, body }) => body.text().then(() => (statusCode === 200 ? undefined : `${statusCode}`)),
      (error: Error) => error.message,
    );
    if (reason) failures.push({ method, reason });
    answered += 1;
  };
  const worker = async () => {
    const dispatcher = new Agent();
    while (!stop.signal.aborted) await send(dispatcher);
    await dispatcher.close();
  };
  const workers = Promise.all([worker(), worker(), worker(), worker()]);
  return {
    failures,
    /** Resolves when so many more requests have been answered. */
    more: async (count: number) => {
      const goal = answered + count;
      await until(`${count} more requests are answered`, () => answered >= goal);
    },
    doubledPosts: (replicas: { state: { posts: string[] } }[]) => {
      const all = replicas.flatMap(({ state }) => state.posts);
      return all.filter((path, index) => all.indexOf(path) !== index);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await workers;
    },
  };
}
