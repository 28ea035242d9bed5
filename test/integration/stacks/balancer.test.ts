import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { Agent, request } from "undici";
import { renderConfiguration } from "../../../stacks/haproxy/configuration.ts";
import { renderBalancer } from "../../../stacks/render/balancer.ts";
import { renderBalancerReload } from "../../../stacks/render/balancer-script.ts";
import { startDnsServer } from "../../fixtures/dns-server.ts";
import { noHaproxy, startHaproxy } from "../../fixtures/haproxy.ts";
import { findFreePort } from "../../fixtures/server-process.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";
import { fullModel } from "../../unit/stacks/haproxy/models.ts";

test("a replica that fails its check, one that drains, one that dies and a reload fail no GET, and no POST runs twice", {
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

test("a resolver that is silent, also during a reload, fails no request", { skip: noHaproxy }, async () => {
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

test("the reload script writes down which replicas are up before it reloads", { skip: noHaproxy }, async () => {
  const port = await findFreePort();
  await using replica = await startReplica("127.0.0.2", port);
  await using balancer = await startBalancer(port, { "tasks.webui": [replica.address] });
  await until("the replica is up", async () => (await balancer.countUp()) === 1);
  const script = renderBalancerReload({ configuration: `${balancer.directory}/haproxy.cfg`, runDirectory: balancer.directory });

  const { status, stdout, stderr } = spawnSync("sh", ["-s"], { input: `kill() { echo "kill $*"; }\n${script}`, encoding: "utf8" });

  assert.deepEqual([status, stdout], [0, "kill -USR2 1\n"], stderr);
  assert.match(readFileSync(`${balancer.directory}/servers.state`, "utf8"), / webui \d+ webui1 127\.0\.0\.2 2 /);
});

test("only the mesh sees the balancer's state and metrics", { skip: noHaproxy }, async () => {
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

test("text reaches the client exactly as the model has it", { skip: noHaproxy }, async () => {
  using directory = temporaryDirectory();
  const port = await findFreePort();
  const text = fullModel.frontends.site?.rules?.find((rule) => rule.do === "answer")?.text;
  const { site } = fullModel.frontends;
  const configuration = renderConfiguration({
    ...fullModel,
    global: { maxConnections: 100, statsSockets: [{ path: `${directory.path}/admin.sock`, mode: "600", level: "admin" }] },
    frontends: {
      site: { ...site, binds: [{ address: "127.0.0.1", port }], rules: site?.rules?.filter((rule) => rule.do === "answer") ?? [] },
    },
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
  const state = { health: 200, requests: 0, posts: [] as string[] };
  const server = createServer((incoming, answer) => {
    if (incoming.url === "/healthz") return answer.writeHead(state.health).end();
    state.requests += 1;
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
