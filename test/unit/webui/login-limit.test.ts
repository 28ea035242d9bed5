import assert from "node:assert/strict";
import { test } from "node:test";
import { clientOf, LoginLimit, MAX_FAILED_LOGINS } from "../../../services/webui/login-limit.ts";

const NOW = 1_700_000_000_000;

function limitAfter(addresses: string[]): LoginLimit {
  const limit = new LoginLimit({ closesUnderAttack: true });
  for (const [index, address] of addresses.entries()) limit.countFailure(address, `guess ${index}`, NOW);
  return limit;
}

test("login attempts from addresses of one IPv6 network of 64 bits count together", () => {
  const limit = limitAfter(Array.from({ length: MAX_FAILED_LOGINS }, (_, index) => `2001:db8:1:2:${index}::${index}`));

  assert.equal(limit.allows("2001:DB8:1:2:ffff:ffff:ffff:ffff", NOW), false);
  assert.equal(limit.allows("2001:db8:1:3::1", NOW), true);
});

test("login attempts from neighbouring IPv4 addresses count separately, also as IPv6", () => {
  const limit = limitAfter(
    Array.from({ length: MAX_FAILED_LOGINS }, (_, index) => (index % 2 === 0 ? "203.0.113.7" : "::ffff:203.0.113.7")),
  );

  assert.equal(limit.allows("203.0.113.7", NOW), false);
  assert.equal(limit.allows("::ffff:cb00:7107", NOW), false);
  assert.equal(limit.allows("203.0.113.8", NOW), true);
});

for (const [address, client] of [
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"],
  ["fe80::1%eth0", "fe80::"],
  ["::1", "::"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["192.0.2.1", "192.0.2.1"],
  ["unknown", "unknown"],
] as const) {
  test(`${address} belongs to the client ${client}`, () => assert.equal(clientOf(address), client));
}
