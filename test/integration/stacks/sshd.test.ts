import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { renderSshd } from "../../../stacks/render/sshd.ts";

const SSHD = "/usr/sbin/sshd";
const skip = !existsSync(SSHD) ? "sshd is not installed" : process.getuid?.() === 0 ? false : "needs root";

test("Debian's sshd accepts the settings, and offers no algorithm with NIST curves, SHA-1, CBC or short MACs", { skip }, (context) => {
  const directory = mkdtempSync(join(tmpdir(), "orb-sshd-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "sshd_config");
  spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, "key")]);
  const settings = renderSshd({ user: "root", logins: ["root", "alice"], others: [{ address: "203.0.113.12", port: 22 }] });
  writeFileSync(file, `${settings}HostKey ${join(directory, "key")}\n`);

  // Debian makes it when the server starts.
  mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });

  const { status, stdout, stderr } = spawnSync(SSHD, ["-T", "-f", file], { encoding: "utf8" });

  assert.equal(status, 0, stderr);
  const algorithms = /^(kexalgorithms|ciphers|macs|hostkeyalgorithms) .*$/gm;
  const offered = [...stdout.matchAll(algorithms)].map(([line]) => line);
  assert.equal(offered.length, 4);
  for (const line of offered) assert.doesNotMatch(line, /nistp|sha1|group1-|group14|exchange|cbc|umac|3des|ssh-rsa/);
  assert.match(offered.join("\n"), /curve25519-sha256/);
  for (const line of ["loglevel VERBOSE", "maxauthtries 4", "logingracetime 30", "allowusers alice", "allowusers root"])
    assert.ok(stdout.includes(`${line}\n`), line);
});
