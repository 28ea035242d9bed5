import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { BadInputError } from "../../../services/core/protocol/errors.ts";
import { type Host, parseStackConfig } from "../../../stacks/config.ts";
import { NoSshError } from "../../../stacks/errors.ts";
import { contactHosts, isUnreachable, refusal } from "../../../stacks/preflight.ts";
import { withSsh } from "../../fixtures/fake-ssh.ts";
import { WORK1 } from "../../fixtures/host-facts.ts";
import { withSettings } from "../../fixtures/stack-configs.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

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
    "it refuses the login of root with /home/ann/key: add the public key to its authorized_keys, or correct orbweaver:ssh",
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
  test(`${what} is refused with a message`, () => {
    assert.ok(refusal({ said, ...(exitCode === undefined ? {} : { exitCode }) }, host).startsWith(sentence));
  });
}

test("a host whose Docker hangs during the answer is refused with a message, and does not count as absent", () => {
  const answer = { said: "", hasBegun: true };

  assert.ok(refusal(answer, host).startsWith("it accepted the login of root, but did not finish its answer within 60 s: its Docker hangs"));
  assert.equal(isUnreachable(answer), false);
});

test("a machine without ssh is distinguished from hosts that do not answer", async () => {
  using _ssh = withSsh(undefined);

  await assert.rejects(contactHosts(parseStackConfig(withSettings({})), "/nonexistent"), NoSshError);
});

for (const [what, program, remedy] of [
  ["ssh's message on standard error", "echo output; echo 'Permission denied (publickey).' >&2; exit 255", /it refuses the login of root/],
  ["a message on standard output alone", "echo 'Please login as the user \"debian\"'; exit 142", /it lets in debian rather than root/],
  ["output that is no answer", "echo unexpected; echo warning >&2; exit 0", /SSH to it failed: unexpected$/],
] as const) {
  test(`${what} becomes the reason why a host cannot be in the fleet`, async () => {
    using _ssh = withSsh(`#!/bin/sh\ncat >/dev/null\n${program}\n`);
    using directory = temporaryDirectory();

    const contact = contactHosts(parseStackConfig(withSettings({})), join(directory.path, "known_hosts"));

    await assert.rejects(contact, (error) => {
      assert.ok(error instanceof BadInputError);
      for (const problem of error.problems) assert.match(problem.remedy, remedy);
      return error.problems.length === 3;
    });
  });
}
