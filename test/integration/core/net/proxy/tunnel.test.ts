import assert from "node:assert/strict";
import { test } from "node:test";
import { createAddressGuard } from "../../../../../services/core/net/address-guard.ts";
import { parseProxy } from "../../../../../services/core/net/proxy/proxy.ts";
import { openTunnel } from "../../../../../services/core/net/proxy/tunnel.ts";
import { LOOPBACK } from "../../../../fixtures/fetching.ts";
import { startSocksProxy } from "../../../../fixtures/proxy-server.ts";

const guard = createAddressGuard(LOOPBACK);

for (const host of ["10.1.2.3", "169.254.169.254", "::ffff:10.1.2.3", "fd00::1"]) {
  test(`a tunnel to ${host} is refused for every caller`, async () => {
    await using proxy = await startSocksProxy();

    await assert.rejects(openTunnel(parseProxy(`socks5://127.0.0.1:${proxy.port}`), { host, port: 80 }, guard), {
      code: "E_PRIVATE_ADDRESS",
    });

    assert.deepEqual(proxy.asked, []);
  });
}

test("an error about a proxy's refusal contains neither its user nor its password", async () => {
  await using proxy = await startSocksProxy({ login: "user:right" });
  const server = parseProxy(`socks5://user:wrong-secret@127.0.0.1:${proxy.port}`);

  const error = await openTunnel(server, { host: "site.test", port: 80 }, guard).then(
    () => undefined,
    (reason: Error) => reason,
  );

  assert.ok(error);
  assert.doesNotMatch(JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: String(error.cause) }), /secret/);
});
