import assert from "node:assert/strict";
import { test } from "node:test";
import { ListenError } from "../../../services/core/process-errors.ts";
import { type RoleServer, serveRole } from "../../../services/core/role-server.ts";

const statusOf = async ({ port }: RoleServer, path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;

test("livez turns 200 once the role was ready, and stays so when it is cut off", async () => {
  const state = { ready: false, connected: false };
  await using server = await serveRole({ host: "127.0.0.1", port: 0, isReady: () => state.ready, isConnected: () => state.connected });

  const starting = await statusOf(server, "/livez");
  state.ready = true;
  const ready = await statusOf(server, "/livez");
  state.ready = false;
  const later = await statusOf(server, "/livez");

  assert.deepEqual([starting, ready, later], [503, 200, 200]);
});

test("healthz is 503 when cut off, 200 when connected, 404 while draining", async () => {
  const state = { connected: false };
  await using server = await serveRole({ host: "127.0.0.1", port: 0, isReady: () => true, isConnected: () => state.connected });

  const cutOff = await statusOf(server, "/healthz");
  state.connected = true;
  const connected = await statusOf(server, "/healthz");
  server.drain();
  const draining = await statusOf(server, "/healthz");

  assert.deepEqual([cutOff, connected, draining], [503, 200, 404]);
});

test("metrics are Prometheus text and name this process's memory", async () => {
  await using server = await serveRole({ host: "127.0.0.1", port: 0, isReady: () => true, isConnected: () => true });

  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);

  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=/);
  assert.match(await response.text(), /^process_resident_memory_bytes \d+/m);
});

test("a role adds its own routes, and a request that runs ends before the server does", async () => {
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const server = await serveRole({
    host: "127.0.0.1",
    port: 0,
    isReady: () => true,
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

test("a taken port is refused by number, with what to do", async () => {
  await using first = await serveRole({ host: "127.0.0.1", port: 0, isReady: () => true, isConnected: () => true });

  const second = serveRole({ host: "127.0.0.1", port: first.port, isReady: () => true, isConnected: () => true, portSetting: "--port" });

  await assert.rejects(second, (error) => {
    assert.ok(error instanceof ListenError);
    assert.match(error.message, new RegExp(`port ${first.port}: another process listens there already. .*--port`));
    return true;
  });
});

test("an address of another machine is refused", async () => {
  await assert.rejects(serveRole({ host: "192.0.2.1", port: 0, isReady: () => true, isConnected: () => true }), /no such address/);
});
