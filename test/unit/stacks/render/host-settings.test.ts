import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStackConfig } from "../../../../stacks/config.ts";
import { hostSettings } from "../../../../stacks/render/host-settings.ts";
import { SSHD_FILE } from "../../../../stacks/render/sshd.ts";
import { withHosts } from "../../../fixtures/stack-configs.ts";

type Ssh = Record<string, unknown>;

/** Who may log in to the data host and the two workers, by what their `ssh` says. */
function loginsOf(...ssh: Ssh[]): (string | undefined)[] {
  const config = parseStackConfig(withHosts(...ssh.map((each) => ({ ssh: each }))));
  return config.hosts.map((host) => {
    const { files } = hostSettings(host, {
      config,
      registry: "10.77.0.1:5001",
      addresses: new Map([["work1", ["203.0.113.11", "2001:db8::11"]]]),
    });
    return /^AllowUsers (.*)$/m.exec(files.find(({ path }) => path === SSHD_FILE)?.content ?? "")?.[1];
  });
}

test("only the user of the stack config and users that it allows can log in", () => {
  assert.deepEqual(loginsOf({}, { user: "deploy" }, { allowUsers: ["alice", "backup"] }), ["root", "deploy", "alice backup root"]);
});

test("a user of a jump host can also log in there", () => {
  const through = (proxy: string) => loginsOf({}, { user: "deploy" }, { proxy })[1];

  assert.equal(through("jump@203.0.113.11"), "deploy jump");
  assert.equal(through("jump@203.0.113.11:2222"), "deploy jump");
  assert.equal(through("jump@[2001:db8::11]"), "deploy jump");
  assert.equal(through("jump@198.51.100.7"), "deploy");
});

test("if the config does not name the user of a jump host, no user is locked out of it", () => {
  assert.deepEqual(loginsOf({}, {}, { proxy: "203.0.113.11" }), ["root", undefined, "root"]);
});
