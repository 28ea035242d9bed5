import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { Agent, request } from "undici";
import { Viewer } from "../../../services/webui/live/viewer.ts";
import { type EdgeSettings, edgeCommand, renderEdge } from "../../../stacks/render/edge.ts";
import { findFreePort, startServerProcess } from "../../fixtures/server-process.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const { error, stderr } = spawnSync("nginx", ["-v"], { encoding: "utf8" });
const noNginx = error ? "nginx is not installed" : false;
const [major = 0, minor = 0, patch = 0] =
  /nginx\/([\d.]+)/
    .exec(stderr ?? "")?.[1]
    ?.split(".")
    .map(Number) ?? [];
const isOld = major * 1e6 + minor * 1e3 + patch < 1_027_004 && "nginx older than 1.27.4 closes kept connections when it reloads";

test("the edge passes API calls unchanged, caches pages only for clients without a session, caches assets for all, and hides internal routes", {
  skip: noNginx,
}, async () => {
  await using edge = await startEdge();

  const statuses = {
    health: (await edge.get("/edge-health")).text,
    metrics: (await edge.get("/metrics")).statusCode,
    api: [(await edge.get("/api/v1/projects")).text, (await edge.get("/api/v1/projects")).text],
    page: (await edge.get("/")).text,
    pageAgain: (await edge.get("/")).text,
    pageLoggedIn: (await edge.get("/", { cookie: "orb_session=1.a" })).text,
    pageLoggedInByTls: (await edge.get("/", { cookie: "a=b; __Host-orb_session=1.a" })).text,
    asset: [(await edge.get("/assets/a.js")).text, (await edge.get("/assets/a.js")).text],
  };

  assert.deepEqual(statuses, {
    health: "ok\n",
    metrics: 404,
    api: ["/api/v1/projects 1", "/api/v1/projects 2"],
    page: "/ 1",
    pageAgain: "/ 1",
    pageLoggedIn: "/ 2",
    pageLoggedInByTls: "/ 3",
    asset: ["/assets/a.js 1", "/assets/a.js 1"],
  });
  assert.deepEqual(
    edge.first.headers.slice(0, 1).map(({ host, "x-forwarded-for": client, "x-forwarded-proto": proto }) => ({ host, client, proto })),
    [{ host: `127.0.0.1:${edge.port}`, client: "127.0.0.1", proto: "http" }],
  );
});

test("the edge passes each event of a stream on at once, compressed or not", { skip: noNginx, timeout: 30_000 }, async () => {
  await using edge = await startEdge();

  for (const encoding of ["gzip", "identity"]) {
    const answer = await fetch(`http://127.0.0.1:${edge.port}/api/v1/events`, { headers: { "accept-encoding": encoding } });
    let text = "";
    for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      // The stream stays open.
      if (text.includes("first event")) break;
    }

    assert.match(text, /^event: beat\ndata:\n\ndata: first event\n\n$/);
    assert.equal(answer.headers.get("content-encoding"), encoding === "gzip" ? "gzip" : null);
  }
});

test("when its own balancer is down, the edge asks another, and serves its cache when all are down", { skip: noNginx }, async () => {
  await using edge = await startEdge();
  await edge.get("/");

  edge.first.close();
  const other = await edge.get("/api/v1/queues");
  edge.second.close();
  const [stale, lost] = [await edge.get("/"), await edge.get("/api/v1/queues")];

  assert.deepEqual([other.text, stale.text, lost.statusCode], ["/api/v1/queues 1", "/ 1", 502]);
});

test("no request on a kept connection fails while the edge reloads ten times", { skip: noNginx || isOld, timeout: 60_000 }, async () => {
  await using edge = await startEdge();
  await using stack = new AsyncDisposableStack();
  const clients = stack.adopt(new Agent({ connections: 16 }), (agent) => agent.close());
  let answers = 0;
  const untilAnswers = async (count: number) => {
    while (answers < count) {
      const { body } = await request(`http://127.0.0.1:${edge.port}/api/v1/projects`, { dispatcher: clients });
      await body.dump();
      answers++;
    }
  };

  for (let round = 1; round <= 10; round++) {
    edge.reload();
    await Promise.all(Array.from({ length: 16 }, () => untilAnswers(round * 500)));
  }

  assert.ok(answers >= 5_000);
});

test("logins above the limit are refused with 429, other calls are not", { skip: noNginx }, async () => {
  await using edge = await startEdge();

  const logins = await Promise.all(Array.from({ length: 20 }, () => edge.get("/api/v1/login")));
  const other = await edge.get("/api/v1/projects");

  assert.deepEqual([...new Set(logins.map(({ statusCode }) => statusCode))].sort(), [200, 429]);
  assert.equal(other.statusCode, 200);
});

const settingsIn = (directory: string): EdgeSettings => ({
  balancers: ["127.0.0.1:9"],
  ports: { http: 18_081, https: 18_444 },
  cacheDirectory: `${directory}/cache`,
  runDirectory: `${directory}/run`,
});

function writeEdge(directory: string, settings: EdgeSettings): void {
  // Started by root, nginx works as another user.
  chmodSync(directory, 0o755);
  mkdirSync(settings.runDirectory);
  mkdirSync(settings.cacheDirectory);
  writeFileSync(`${directory}/nginx.conf`, renderEdge(settings));
}

/** nginx in front of two balancers that answer with the path and how often they were asked for it. */
async function startEdge() {
  const directory = temporaryDirectory();
  const [first, second, port] = [await startBalancer(), await startBalancer(), await findFreePort()];
  writeEdge(directory.path, {
    ...settingsIn(directory.path),
    balancers: [`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`],
    ports: { http: port, https: 0 },
  });
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`, { headers });
    return { statusCode, text: await body.text() };
  };
  const answers = async () => (await get("/edge-health")).statusCode === 200;
  const [command = "", ...args] = edgeCommand(`${directory.path}/nginx.conf`, `${directory.path}/run`);
  const nginx = await startServerProcess({ command, args, options: {}, answers });
  const reload = () => spawnSync("nginx", ["-e", "stderr", "-c", `${directory.path}/nginx.conf`, "-s", "reload"]);
  return {
    ...{ port, get, first, second, reload },
    async [Symbol.asyncDispose]() {
      await nginx.stop("SIGTERM");
      first.close();
      second.close();
      directory[Symbol.dispose]();
    },
  };
}

async function startBalancer() {
  const asked = new Map<string, number>();
  const headers: Record<string, unknown>[] = [];
  const server = createServer((incoming, answer) => {
    const path = incoming.url ?? "";
    asked.set(path, (asked.get(path) ?? 0) + 1);
    headers.push(incoming.headers);
    if (path === "/api/v1/events") {
      const isCompressed = incoming.headers["accept-encoding"] === "gzip";
      new Viewer(answer, { isCompressed, isLoggedIn: async () => true }).send("data: first event\n\n");
      return;
    }
    answer
      .writeHead(200, { "cache-control": path.startsWith("/assets/") ? "public, max-age=31536000" : "no-cache" })
      .end(`${path} ${asked.get(path)}`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { port: (server.address() as { port: number }).port, headers, close };
}
