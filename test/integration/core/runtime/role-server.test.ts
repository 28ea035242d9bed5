import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { ListenError } from "../../../../services/core/runtime/process-errors.ts";
import { type RoleServer, serveRole } from "../../../../services/core/runtime/role-server.ts";
import { SLOW_LIMITS, slowClients, timeUntilClosed } from "../../../fixtures/slow-clients.ts";

const statusOf = async ({ port }: RoleServer, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;

test("livez is 200 also when the role has lost its connection or drains", async () => {
  await using server = await serveRole({ host: "127.0.0.1", port: 0, isConnected: () => false });

  const cutOff = await statusOf(server, "/livez");
  server.drain();
  const draining = await statusOf(server, "/livez");

  assert.deepEqual([cutOff, draining], [200, 200]);
});

test("healthz is 503 without a connection, 200 with one, 404 while draining", async () => {
  const state = { connected: false };
  await using server = await serveRole({ host: "127.0.0.1", port: 0, isConnected: () => state.connected });

  const cutOff = await statusOf(server, "/healthz");
  state.connected = true;
  const connected = await statusOf(server, "/healthz");
  server.drain();
  const draining = await statusOf(server, "/healthz");

  assert.deepEqual([cutOff, connected, draining], [503, 200, 404]);
});

test("healthz is 503 with the role's own problem, while livez stays 200", async () => {
  const state: { problem?: string } = { problem: "scheduling failed" };
  const options = { host: "127.0.0.1", port: 0, isConnected: () => true };
  await using server = await serveRole({ ...options, problem: () => state.problem });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return `${answer.status} ${(await answer.text()).trim()}`;
  };

  const seen = [await ask("/healthz"), await ask("/livez")];
  delete state.problem;
  seen.push(await ask("/healthz"));

  assert.deepEqual(seen, ["503 scheduling failed", "200 ok", "200 ok"]);
});

test("metrics are Prometheus text and contain this process's memory", async () => {
  await using server = await serveRole({ host: "127.0.0.1", port: 0, isConnected: () => true });

  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);

  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=/);
  assert.match(await response.text(), /^process_resident_memory_bytes \d+/m);
});

test("a role adds its own routes, and running requests finish before the server ends", async () => {
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const server = await serveRole({
    host: "127.0.0.1",
    port: 0,
    isConnected: () => true,
    register: (app) => {
      app.get("/slow", async () => {
        entered.resolve();
        await released.promise;
        return "done";
      });
    },
  });

  const answer = fetch(`http://127.0.0.1:${server.port}/slow`);
  await entered.promise;
  const closed = server[Symbol.asyncDispose]();
  released.resolve();

  assert.equal(await (await answer).text(), "done");
  await closed;
});

test("a port in use is refused by number, with the remedy", async () => {
  await using first = await serveRole({ host: "127.0.0.1", port: 0, isConnected: () => true });

  const second = serveRole({ host: "127.0.0.1", port: first.port, isConnected: () => true, portSetting: "--port" });

  await assert.rejects(second, (error) => {
    assert.ok(error instanceof ListenError);
    assert.match(error.message, new RegExp(`port ${first.port}: another process uses this port. .*--port`));
    return true;
  });
});

for (const client of slowClients("GET /livez HTTP/1.1\r\nhost: h\r\n", "POST /echo HTTP/1.1\r\nhost: h\r\ncontent-type: text/plain\r\n")) {
  test(`a client that sends ${client.title} is disconnected`, async () => {
    await using server = await serveRole({
      ...{ host: "127.0.0.1", port: 0, isConnected: () => true, limits: SLOW_LIMITS },
      register: (app) => void app.post("/echo", async ({ body }) => body),
    });

    assert.ok((await timeUntilClosed(server.port, client)) > 200);
  });
}

test("a client that does not end its headers is disconnected before the time for a whole request", async () => {
  const limits = { ...SLOW_LIMITS, requestMs: 60_000 };
  await using server = await serveRole({ host: "127.0.0.1", port: 0, isConnected: () => true, limits });

  await timeUntilClosed(server.port, { title: "headers byte by byte", begin: "GET /livez HTTP/1.1\r\n", drip: "x-a: b\r\n" });
});

test("connections above the limit are closed at once, and larger headers are answered with 431", async () => {
  await using server = await serveRole({
    ...{
      host: "127.0.0.1",
      port: 0,
      isConnected: () => true,
      limits: { ...SLOW_LIMITS, headMs: 60_000, requestMs: 60_000 },
    },
  });
  const long = await fetch(`http://127.0.0.1:${server.port}/livez`, { headers: { "x-a": "x".repeat(5_000), connection: "close" } });

  const sockets = await Promise.all(
    Array.from({ length: SLOW_LIMITS.connections }, async () => {
      const socket = connect(server.port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      return socket;
    }),
  );
  const more = connect(server.port, "127.0.0.1").on("error", () => {});
  await new Promise((resolve) => more.once("close", resolve));

  assert.equal(long.status, 431);
  assert.ok(sockets.every(({ readyState }) => readyState === "open"));
  for (const socket of sockets) socket.destroy();
});

test("a listening address of another machine is refused", async () => {
  await assert.rejects(serveRole({ host: "192.0.2.1", port: 0, isConnected: () => true }), /no such address/);
});
