/** `./orb host trust`: accepts a host's new SSH key after the host was reinstalled. */
import { execFileSync } from "node:child_process";
import { readHostKeys, writeHostKeys } from "../../../stacks/host-keys.ts";
import { askHostKey } from "../../../stacks/preflight.ts";
import { settingName } from "../../../stacks/setting-names.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { NoHostKeyError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print, say } from "../terminal.ts";
import { askYes } from "./ask.ts";
import { fleetOf, hostKeyOf, hostNamed } from "./fleet-hosts.ts";
import { openStack } from "./open-stack.ts";

/** Shows the old and the new key, and records the new one. Exits with 1 if the user at the terminal declines. */
export async function trustHost(flags: StackFlags & { yes: boolean }, name: string): Promise<number> {
  const stack = await openStack(flags.stack, flags.config);
  const fleet = await fleetOf(stack);
  const host = hostNamed(fleet, name);
  const known = hostKeyOf(fleet, host);
  const { key, said } = await askHostKey(host);
  if (key === undefined) throw new NoHostKeyError(host, said);
  const result = { host: name, fingerprint: fingerprintOf(key), isNew: key !== known };
  const text = `${name}: ${known === "" ? "no key was recorded" : `recorded ${fingerprintOf(known)}`}, has ${result.fingerprint}\n`;
  say(text);
  if (result.isNew && !flags.yes && !(await askYes("Record the key that it has now?"))) return EXIT.failed;
  const file = knownHostsFile(fleet.stack);
  writeHostKeys(file, new Map([...readHostKeys(file), [name, key]]));
  if (fleet.config.hostKeys[name] !== undefined) await stack.setConfig(settingName(`hostKeys.${name}`), { value: key }, true);
  print(flags.json ? `${JSON.stringify(result)}\n` : `${result.isNew ? "recorded" : "unchanged"}\n`);
  return EXIT.ok;
}

/** `256 SHA256:… (ED25519)`, as ssh-keygen shows it. */
const fingerprintOf = (key: string): string =>
  execFileSync("ssh-keygen", ["-l", "-f", "-"], { input: `${key}\n` })
    .toString()
    .trim()
    .replace(" no comment", "");
