import assert from "node:assert/strict";
import { test } from "node:test";
import { type Host, parseStackConfig } from "../../../stacks/config.ts";
import { NoSshError } from "../../../stacks/errors.ts";
import { contactHosts, refusal } from "../../../stacks/preflight.ts";
import { WORK1 } from "../../fixtures/host-facts.ts";
import { withSettings } from "../../fixtures/stack-configs.ts";

const host: Host = { ...WORK1, ssh: { ...WORK1.ssh, privateKeyPath: "/home/ann/key" } };

for (const [what, said, exitCode, sentence] of [
  [
    "a cloud image that lets in another user",
    `Please login as the user "debian" rather than the user "root".`,
    142,
    "it lets in debian rather than root: set user: debian in orbweaver:ssh, or in ssh of this host",
  ],
  [
    "a key that the host does not know",
    "root@203.0.113.11: Permission denied (publickey).",
    255,
    "it does not let root in with /home/ann/key: add the public key to its authorized_keys, or correct orbweaver:ssh",
  ],
  [
    "an address where nothing listens",
    "ssh: connect to host 203.0.113.11 port 22: Connection refused",
    255,
    "no SSH server answers there (ssh: connect to host 203.0.113.11 port 22: Connection refused): start the host",
  ],
  ["a proxy that fails", "nc: invalid option", 255, "SSH to it failed: nc: invalid option"],
  ["a host that closes the connection", "", 255, "SSH to it ended with exit code 255 and without a message"],
  ["a host that does not answer", "", undefined, "it did not answer within 60 s."],
] as const) {
  test(`${what} is refused by a sentence`, () => {
    assert.ok(refusal({ said, ...(exitCode === undefined ? {} : { exitCode }) }, host).startsWith(sentence));
  });
}

test("a machine without ssh is told apart from hosts that do not answer", async () => {
  const { PATH } = process.env;
  process.env.PATH = "";
  try {
    await assert.rejects(contactHosts(parseStackConfig(withSettings({})), "/nonexistent"), NoSshError);
  } finally {
    process.env.PATH = PATH;
  }
});
