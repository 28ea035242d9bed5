import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { PrivateAddressError } from "../../../../services/core/net/address-errors.ts";
import { createAddressGuard, isAllowedAddress, parseAddressRanges } from "../../../../services/core/net/address-guard.ts";
import { BadInputError } from "../../../../services/core/protocol/errors.ts";

const REFUSED: Record<string, string> = {
  "IPv4 unspecified": "0.0.0.0",
  "IPv4 this network": "0.1.2.3",
  "IPv4 private, 10/8": "10.1.2.3",
  "IPv4 private, 172.16/12": "172.31.255.255",
  "IPv4 private, 192.168/16": "192.168.1.1",
  "carrier-grade NAT": "100.64.0.1",
  "IPv4 loopback": "127.255.255.254",
  "link-local and cloud metadata": "169.254.169.254",
  "IETF protocol assignments": "192.0.0.8",
  documentation: "203.0.113.7",
  benchmarking: "198.19.0.1",
  "6to4 relays": "192.88.99.1",
  "IPv4 multicast": "224.0.0.1",
  "IPv4 reserved": "250.1.1.1",
  "IPv4 broadcast": "255.255.255.255",
  "IPv6 unspecified": "::",
  "IPv6 loopback": "::1",
  "IPv6 loopback written out": "0:0:0:0:0:0:0:1",
  "IPv4-compatible": "::127.0.0.1",
  "IPv4-mapped, dotted": "::ffff:127.0.0.1",
  "IPv4-mapped, hexadecimal": "::ffff:7f00:1",
  "IPv4-translated": "::ffff:0:127.0.0.1",
  "NAT64 of a private address": "64:ff9b::a00:1",
  "NAT64 local use": "64:ff9b:1::808:808",
  "6to4 of a private address": "2002:7f00:1::",
  Teredo: "2001::1",
  "unique local": "fd00:ec2::254",
  "IPv6 link-local": "fe80::1",
  "IPv6 link-local with a zone": "fe80::1%eth0",
  "site-local": "fec0::1",
  "IPv6 multicast": "ff02::1",
  "IPv6 documentation": "2001:db8::1",
  "IPv6 documentation, newer": "3fff::1",
  "segment routing": "5f00::1",
  "IPv6 never assigned": "4000::1",
  "Azure's wire server": "168.63.129.16",
  "Azure's wire server, mapped and dotted": "::ffff:168.63.129.16",
  "Azure's wire server, mapped and hexadecimal": "::ffff:a83f:8110",
  "Azure's wire server, IPv4-compatible": "::168.63.129.16",
  "Azure's wire server, translated": "::ffff:0:168.63.129.16",
  "Azure's wire server, NAT64": "64:ff9b::168.63.129.16",
  "Azure's wire server, NAT64 local use": "64:ff9b:1::168.63.129.16",
  "Azure's wire server, NAT64 local use of 48 bits": "64:ff9b:1:a83f:81:1000::",
  "Azure's wire server, 6to4": "2002:a83f:8110::1",
  "Azure's wire server, Teredo": "2001:0:4136:e378:8000:63bf:57c0:7eef",
  "Alibaba's metadata": "100.100.100.200",
  "Oracle's metadata": "192.0.0.192",
  "Amazon's container credentials": "169.254.170.2",
  "Amazon's name servers": "fd00:ec2::253",
  "Google's metadata": "fd20:ce::254",
  "Scaleway's metadata": "fd00:42::42",
};

for (const [name, address] of Object.entries(REFUSED)) {
  test(`${name}: ${address} is refused`, () => assert.equal(isAllowedAddress(address, []), false));
}

for (const address of [
  "8.8.8.8",
  "1.1.1.1",
  "172.32.0.1",
  "168.63.129.15",
  "168.63.129.17",
  "2606:4700::1111",
  "::ffff:8.8.8.8",
  "64:ff9b::808:808",
  "2002:808:808::",
]) {
  test(`${address} is public`, () => assert.equal(isAllowedAddress(address, []), true));
}

test("an allowed range is allowed also in IPv6 notations, and its neighbours are not", () => {
  const allowed = parseAddressRanges(["127.0.0.0/8", "fd00::/8"]);

  assert.deepEqual(
    ["127.0.0.1", "::ffff:127.0.0.1", "fd12::1", "10.0.0.1", "fe80::1"].map((address) => isAllowedAddress(address, allowed)),
    [true, true, true, false, false],
  );
});

for (const notation of ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::ffff:7f00:1]", "[::1]", "１２７.0.0.1"]) {
  test(`http://${notation}/ is refused as a host`, () => {
    const { hostname } = new URL(`http://${notation}/`);

    assert.throws(() => createAddressGuard([]).checkHost(hostname), PrivateAddressError);
  });
}

test("names pass the host check, and their addresses are checked at the lookup", async () => {
  const guard = createAddressGuard([]);
  const socket = connect({ host: "localhost", port: 9, lookup: guard.lookup });

  guard.checkHost("localhost");
  const error = await new Promise((settle) => socket.once("error", settle));

  assert.ok(error instanceof PrivateAddressError);
  assert.match(error.message, /localhost resolves to .*(127\.0\.0\.1|::1).*--allow-address/);
});

test("all invalid ranges are reported at once", () => {
  assert.throws(
    () => parseAddressRanges(["10.0.0.0/8", "10.0.0.0", "fd00::/200"]),
    (error) => error instanceof BadInputError && error.problems.length === 2,
  );
});
