/** The hosts' SSH keys: recorded at first contact, checked afterwards. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const KEY_TYPE = "ssh-ed25519";

/** The ed25519 keys by host name in the text of a known_hosts file. */
export function parseKnownHosts(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  return new Map(lines.flatMap(([entry, type, key]) => (entry && type === KEY_TYPE && key ? [[entry, `${type} ${key}`] as const] : [])));
}

/** The keys recorded in this checkout; empty without records. */
export const readHostKeys = (path: string): Map<string, string> => parseKnownHosts(existsSync(path) ? readFileSync(path, "utf8") : "");

/** Records `keys` by host name. */
export function writeHostKeys(path: string, keys: ReadonlyMap<string, string>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, [...keys].map(([name, key]) => `${name} ${key}\n`).join(""), { mode: 0o600 });
}
