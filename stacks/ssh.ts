/** The hosts' SSH keys: recorded at first contact, checked from then on. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Problem } from "../services/core/errors.ts";

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
 * @param hosts in the order of the stack config.
 * @returns keys such as `ssh-ed25519 AAAA…` by host name, and a problem for every host that does not answer SSH within 10 s.
 */
export async function recordHostKeys(
  hosts: SshHost[],
  knownHostsPath: string,
): Promise<{ keys: Map<string, string>; problems: Problem[] }> {
  const known = parseKnownHosts(existsSync(knownHostsPath) ? readFileSync(knownHostsPath, "utf8") : "");
  const keys = new Map<string, string>();
  const problems: Problem[] = [];
  const found = await Promise.all(hosts.map(async (host) => ({ host, key: known.get(entryName(host)) ?? (await askKey(host)) })));
  for (const [index, { host, key }] of found.entries()) {
    if (key === undefined) {
      problems.push(noAnswer(host, index));
      continue;
    }
    keys.set(host.name, key);
    known.set(entryName(host), key);
  }
  mkdirSync(dirname(knownHostsPath), { recursive: true });
  writeFileSync(knownHostsPath, [...known].map(([entry, key]) => `${entry} ${key}\n`).join(""), { mode: 0o600 });
  return { keys, problems };
}

/** Where the operator's key is; `~` is the home directory. */
export const privateKeyFile = ({ privateKeyPath }: { privateKeyPath: string }): string => privateKeyPath.replace(/^~(?=\/)/, homedir());

/** Options of ssh(1) that let no host in but those recorded, and ask nobody. */
export const sshOptions = (keyPath: string, knownHostsPath: string): string[] => [
  ...["-i", keyPath, "-o", "StrictHostKeyChecking=yes"],
  ...["-o", `UserKnownHostsFile=${knownHostsPath}`, "-o", "BatchMode=yes"],
];

const noAnswer = ({ address, port }: SshHost, index: number): Problem => ({
  path: `orbweaver:hosts[${index}].address`,
  value: address,
  remedy: `no SSH server with an ed25519 key answered on port ${port} within ${ANSWER_SECONDS} s: start the host, or correct its address or orbweaver:ssh.port`,
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
