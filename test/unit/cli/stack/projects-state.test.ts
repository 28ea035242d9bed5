import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { askProjects, type ProjectsState, projectsText } from "../../../../services/cli/stack/projects-state.ts";
import { derivePasswords } from "../../../../stacks/config/passwords.ts";
import { parseStackConfig } from "../../../../stacks/config.ts";
import { makeCertificate, opensslIsMissing } from "../../../fixtures/certificate.ts";
import { withSsh } from "../../../fixtures/fake-ssh.ts";
import { GOOD } from "../../../fixtures/stack-configs.ts";

const config = parseStackConfig(GOOD);
const SUMMARY = {
  books: { name: "books", health: { state: "stopped", reason: "The project is stopped.", remedy: "setRunning" }, counters: {} },
  news: { name: "news", health: { state: "runs", reason: "Pages are being crawled." }, counters: {} },
};

/** An ssh whose `-W` leads to this port. */
const connectsTo = (port: number) => `#!/usr/bin/env node
const socket = require("node:net").connect(${port}, "127.0.0.1");
process.stdin.pipe(socket).pipe(process.stdout);
`;

async function startEdge(isTls: boolean) {
  const seen: unknown[] = [];
  const listener: RequestListener = ({ url, headers: { host, authorization } }, answer) => {
    seen.push([url, host, authorization]);
    answer.end(JSON.stringify(SUMMARY));
  };
  const server = isTls ? createTlsServer(makeCertificate(), listener) : createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return { port, seen, [Symbol.asyncDispose]: async () => void server.close().closeAllConnections() };
}

for (const [scheme, tls] of [
  ["http", undefined],
  ["https", { domain: "crawl.example.org", email: "ops@example.org" }],
] as const) {
  test(`the projects' states are read through SSH from an edge that serves ${scheme}`, { skip: tls && opensslIsMissing }, async () => {
    await using edge = await startEdge(tls !== undefined);
    using _ssh = withSsh(connectsTo(edge.port));
    const edgeHost = config.hosts.find(({ isEdge }) => isEdge);

    const state = await askProjects({ stack: "test", config: { ...config, tls: tls as typeof config.tls } });

    assert.deepEqual(state, {
      projects: {
        books: { state: "stopped", reason: "The project is stopped." },
        news: { state: "runs", reason: "Pages are being crawled." },
      },
    });
    const token = derivePasswords(config.secret).adminToken;
    assert.deepEqual(edge.seen, [["/api/v1/summary", tls?.domain ?? edgeHost?.address, `Bearer ${token}`]]);
  });
}

test("if no edge answers, the state says what ssh said of each", async () => {
  using _ssh = withSsh("#!/bin/sh\necho 'Connection refused' >&2\nexit 255\n");

  const state = await askProjects({ stack: "test", config });

  const edges = config.hosts.filter(({ isEdge }) => isEdge).map(({ name }) => `${name}: Connection refused`);
  assert.deepEqual(state, { projectsNotAsked: edges.join("; ") });
});

const stopped = (count: number): ProjectsState => ({
  projects: Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`p${n}`, { state: "stopped" as const, reason: "The project is stopped." }]),
  ),
});

for (const [what, state, lines] of [
  ["none", { projects: {} }, ["projects none"]],
  [
    "two",
    { projects: { a: { state: "runs", reason: "Pages are being crawled." }, b: { state: "stopped", reason: "The project is stopped." } } },
    ["projects 1 running, 1 stopped", "         b              The project is stopped."],
  ],
  ["that are not known", { projectsNotAsked: "work1: Connection refused" }, ["projects could not be read: work1: Connection refused"]],
] as [string, ProjectsState, string[]][]) {
  test(`status states the numbers of projects, and why projects are stopped: ${what}`, () => {
    assert.deepEqual(projectsText(state).split("\n"), [...lines, ""]);
  });
}

test("of many stopped projects, status lists twenty", () => {
  const lines = projectsText(stopped(25)).trimEnd().split("\n");

  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [22, "projects 25 stopped", "         and 5 more; see the web UI"]);
});
