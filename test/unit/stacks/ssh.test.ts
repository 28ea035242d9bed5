import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { test } from "node:test";
import { asRoot, firstContactOptions, sshCommandText, sshOptions } from "../../../stacks/ssh.ts";
import { WORK1 } from "../../fixtures/host-facts.ts";

const KEY = "ssh-ed25519 AAAAC3Nz";
const hasSsh = spawnSync("ssh", ["-V"]).status === 0;
/** The options as ssh understands them. */
const readBySsh = (options: string[]) => execFileSync("ssh", ["-G", "-F", "none", ...options, "host.example"]).toString();
const lineOf = (name: string, value: string) => new RegExp(`^${name} ${value.replaceAll(/[#=.]/g, "\\$&")}$`, "m");
const settingOf = (options: string[], name: string) => options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);

test("a host is identified by its name and its one key, without files of this machine", () => {
  const options = sshOptions(WORK1, KEY);

  assert.equal(settingOf(options, "KnownHostsCommand"), `/bin/echo work1 ${KEY}`);
  assert.equal(settingOf(options, "HostKeyAlias"), "work1");
  assert.equal(settingOf(options, "StrictHostKeyChecking"), "yes");
  assert.equal(settingOf(options, "UserKnownHostsFile"), "/dev/null");
  assert.equal(settingOf(options, "IdentityFile"), undefined);
});

test("if the config has a key, only that key is tried, also at the jump host", () => {
  const ssh = { user: "debian", port: 2_222, privateKeyPath: "~/.ssh/fleet", proxy: "admin@[2001:db8::7]:2200" };

  const options = sshOptions({ ...WORK1, ssh }, KEY);

  assert.deepEqual(
    [settingOf(options, "IdentityFile"), settingOf(options, "IdentitiesOnly"), settingOf(options, "Port")],
    ["~/.ssh/fleet", "yes", "2222"],
  );
  const proxy = settingOf(options, "ProxyCommand") ?? "";
  assert.match(proxy, /^ssh .*-o Port=2200 .*-o 'IdentityFile=~\/\.ssh\/fleet'.* -W '\[%h\]:%p' admin@2001:db8::7$/);
});

test("ssh reads a path with spaces as one path, also at the jump host", { skip: hasSsh ? false : "needs ssh" }, () => {
  const path = "/keys/it's #1 = my key";
  const target = { ...WORK1, ssh: { ...WORK1.ssh, privateKeyPath: path, proxy: "admin@jump.example" } };

  const options = sshOptions(target, KEY);
  const first = firstContactOptions(target, "/home/ann lee/known hosts");
  const jump = settingOf(options, "ProxyCommand")?.replace(/^ssh/, "ssh -G -F none").replace("[%h]:%p", "host.example:22") ?? "";

  assert.match(readBySsh(options), lineOf("identityfile", path));
  assert.match(readBySsh(first), lineOf("userknownhostsfile", "/home/ann lee/known hosts"));
  assert.match(execFileSync("/bin/sh", ["-c", jump]).toString(), lineOf("identityfile", path));
});

test("a shell passes the command as one word", () => {
  const text = sshCommandText(WORK1, KEY, "echo 'it''s' \"$HOME\"").replace(/^ssh/, "printf '%s\\n'");

  const words = execFileSync("/bin/sh", ["-c", text]).toString().trimEnd().split("\n");

  assert.deepEqual(words.slice(-2), ["root@203.0.113.11", "echo 'it''s' \"$HOME\""]);
});

test("only a user other than root needs sudo", () => {
  assert.equal(asRoot(WORK1, "bash -s"), "bash -s");
  assert.equal(asRoot({ ...WORK1, ssh: { user: "debian", port: 22 } }, "bash -s"), "sudo -n bash -s");
});
