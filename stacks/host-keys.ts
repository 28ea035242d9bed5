/** The hosts' SSH keys: recorded at first contact, checked from then on. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const KEY_TYPE = "ssh-ed25519";

/** The ed25519 keys by host name in the text of a known_hosts file. */
export function parseKnownHosts(text: string): Map<string, string> {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  return new Map(lines.flatMap(([entry, type, key]) => (entry && type === KEY_TYPE && key ? [[entry, `${type} ${key}`] as const] : [])));
}

/** What was recorded in this checkout; empty if nothing was. */
export const readHostKeys = (path: string): Map<string, string> => parseKnownHosts(existsSync(path) ? readFileSync(path, "utf8") : "");

/** Keeps `keys`, by host name, for the next time. */
export function writeHostKeys(path: string, keys: ReadonlyMap<string, string>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, [...keys].map(([name, key]) => `${name} ${key}\n`).join(""), { mode: 0o600 });
}
