import assert from "node:assert/strict";
import { test } from "node:test";
import { serverSettings } from "../../../../services/core/store/server-settings.ts";

test("the embedded database opens no port, and its socket is closed to other users", () => {
  const settings = serverSettings({ sockets: "/data", isDurable: true });

  assert.ok(settings.includes("listen_addresses="));
  assert.ok(settings.includes("unix_socket_permissions=0700"));
  assert.ok(settings.includes('unix_socket_directories="/data"'));
});

test("a folder with commas and quotes is one folder", () => {
  assert.ok(serverSettings({ sockets: '/a, "b"', isDurable: true }).includes('unix_socket_directories="/a, ""b"""'));
});

test("only a database that is not kept skips the synchronisation with the disk", () => {
  const isUnsafe = (setting: string) => /^(?:fsync|full_page_writes|synchronous_commit)=off$/.test(setting);

  assert.deepEqual(serverSettings({ sockets: "/data", isDurable: true }).filter(isUnsafe), []);
  assert.equal(serverSettings({ sockets: "/data", isDurable: false }).filter(isUnsafe).length, 2);
});
