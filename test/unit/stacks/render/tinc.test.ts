import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeName, tincConf, tincFiles, tincHost } from "../../../../stacks/render/tinc.ts";

const hosts = ["data", "work1", "work2"].map((name, n) => ({ name, address: `203.0.113.1${n}`, meshIp: `10.77.0.${n + 1}` }));
const [data, work1, work2] = hosts as [(typeof hosts)[0], (typeof hosts)[0], (typeof hosts)[0]];
const KEY = "-----BEGIN RSA PUBLIC KEY-----\nMIICCgKCAgEA0/+=\nAgMBAAE=\n-----END RSA PUBLIC KEY-----\n";

test("one of two hosts connects to the other", () => {
  const members = [work2, work1, data];
  const connects = members.map((self) => tincConf(self, members).match(/^ConnectTo = .*$/gm) ?? []);

  assert.deepEqual(connects, [[], ["ConnectTo = work2"], ["ConnectTo = work1", "ConnectTo = work2"]]);
});

test("a host trusts only the subnets of its host files", () => {
  const text = tincConf(work1, [work2, work1, data]);

  assert.match(text, /^Name = work1\nMode = router\n/);
  assert.match(text, /^StrictSubnets = yes$/m);
});

test("a host file contains address, subnet, a strong cipher and the unchanged key", () => {
  assert.equal(
    tincHost(data, KEY),
    `Address = 203.0.113.10 655
Port = 655
Subnet = 10.77.0.1/32
Cipher = aes-256-cbc
Digest = sha256
MACLength = 16

${KEY}`,
  );
});

test("a host has files for itself and every member", () => {
  const files = tincFiles(data, hosts, { data: KEY, work1: KEY, work2: KEY });

  assert.deepEqual(
    files.map(({ path, mode }) => `${mode} ${path.replace("/etc/tinc/orbweaver/", "")}`),
    ["644 tinc.conf", "755 tinc-up", "755 tinc-down", "644 hosts/data", "644 hosts/work1", "644 hosts/work2"],
  );
});

test("a hyphen in a host's name becomes an underscore in tinc", () => {
  assert.equal(nodeName("work-1"), "work_1");
});

for (const [what, key] of [
  ["nothing", ""],
  ["a directive", `${KEY}Subnet = 0.0.0.0/0`],
] as const) {
  test(`${what} in place of a key is refused`, () => {
    assert.throws(() => tincHost(data, key), /publicKeys\.data/);
  });
}
