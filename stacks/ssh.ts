/** The hosts' SSH keys: recorded at first contact, checked from then on. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Problem } from "../services/core/errors.ts";
import { BadInputError } from "../services/core/errors.ts";

/** Where a host answers SSH. */
export interface SshHost {
  /** Its name in stack config. */
  name: string;
  address: string;
  port: number;
}

const ANSWER_SECONDS = 10;
const KEY_TYPE = "ssh-ed25519";

/** `[address]:port` as known_hosts has it; the port is left out if it is 22. */
const entryName = ({ address, port }: SshHost) => (port === 22 ? address : `[${address}]:${port}`);

/** The ed25519 keys by entry name in the text of a known_hosts file. */
export function parseKnownHosts(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  return new Map(lines.flatMap(([entry, type, key]) => (entry && type === KEY_TYPE && key ? [[entry, `${type} ${key}`] as const] : [])));
}

/**
 * Every host's public key, from `knownHostsPath`; hosts that are not in it yet are asked, and added.
 *
 * @returns keys such as `ssh-ed25519 AAAA…` by host name.
 * @throws BadInputError naming every host that does not answer SSH within 10 s.
 */
export async function recordHostKeys(hosts: SshHost[], knownHostsPath: string): Promise<Map<string, string>> {
  const known = parseKnownHosts(existsSync(knownHostsPath) ? readFileSync(knownHostsPath, "utf8") : "");
  const problems: Problem[] = [];
  const found = await Promise.all(hosts.map(async (host) => ({ host, key: known.get(entryName(host)) ?? (await askKey(host)) })));
  for (const { host, key } of found) {
    if (key === undefined) problems.push(noAnswer(host));
    else known.set(entryName(host), key);
  }
  if (problems.length > 0) throw new BadInputError("Some hosts do not answer SSH", problems);
  mkdirSync(dirname(knownHostsPath), { recursive: true });
  writeFileSync(knownHostsPath, [...known].map(([entry, key]) => `${entry} ${key}\n`).join(""), { mode: 0o600 });
  return new Map(found.map(({ host, key }) => [host.name, key ?? ""]));
}

/** Where the operator's key is; `~` is the home directory. */
export const privateKeyFile = ({ privateKeyPath }: { privateKeyPath: string }): string => privateKeyPath.replace(/^~(?=\/)/, homedir());

/** Options of ssh(1) that let no host in but those recorded, and ask nobody. */
export const sshOptions = (keyPath: string, knownHostsPath: string): string[] => [
  ...["-i", keyPath, "-o", "StrictHostKeyChecking=yes"],
  ...["-o", `UserKnownHostsFile=${knownHostsPath}`, "-o", "BatchMode=yes"],
];

const noAnswer = ({ name, address, port }: SshHost): Problem => ({
  path: `hosts.${name}.address`,
  value: address,
  remedy: `no SSH server with an ed25519 key answered on port ${port} within ${ANSWER_SECONDS} s: start the host, or correct its address or ssh.port`,
});

async function askKey({ address, port }: SshHost): Promise<string | undefined> {
  const args = ["-T", String(ANSWER_SECONDS), "-t", "ed25519", "-p", String(port), "--", address];
  const { stdout } = await promisify(execFile)("ssh-keyscan", args).catch((error: { code?: string }) => {
    if (error.code === "ENOENT")
      throw new Error("ssh-keyscan is missing on this machine. Install an OpenSSH client: apt-get install openssh-client");
    return { stdout: "" };
  });
  return [...parseKnownHosts(stdout).values()][0];
}
