/** Asks every host whether it can be one of the fleet, before anything is declared: what is wrong with it is said at preview, not halfway through. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BadInputError, type Problem } from "../services/core/errors.ts";
import type { FleetConfig, Host } from "./config.ts";
import { NoSshError } from "./errors.ts";
import { fleetProblems, type HostFacts, hostProblems, parseFacts } from "./host-facts.ts";
import { readHostKeys, writeHostKeys } from "./host-keys.ts";
import { PREFLIGHT_COMMAND, preflightScript } from "./render/preflight-script.ts";
import { firstContactOptions, sshDestination, sshOptions } from "./ssh.ts";

export interface Contact {
  /** Public keys by host name, such as `ssh-ed25519 AAAA…`. */
  hostKeys: ReadonlyMap<string, string>;
  /** By host name; of hosts that answered. */
  facts: ReadonlyMap<string, HostFacts>;
}

/** For the connection with its attempts, and the answer. */
const ANSWER_SECONDS = 60;

/**
 * Asks every host what it is. Keys of hosts that are met for the first time are recorded in `knownHostsPath`.
 *
 * @param deployed asked for the names of hosts that are in the fleet already, if one does not answer: a worker host among them may be absent.
 * @throws BadInputError naming every host that does not answer, does not let the operator in, or cannot be one of the fleet.
 */
export async function contactHosts(
  config: Pick<FleetConfig, "hosts" | "hostKeys">,
  knownHostsPath: string,
  deployed: () => Promise<ReadonlySet<string>> = async () => new Set(),
): Promise<Contact> {
  const recorded = readHostKeys(knownHostsPath);
  const keyOf = ({ name }: Host) => config.hostKeys[name] ?? recorded.get(name);
  const answers = await Promise.all(config.hosts.map((host) => askHost(host, keyOf(host))));
  const hostKeys = new Map(answers.flatMap(({ host, key }) => (key === undefined ? [] : [[host.name, key] as const])));
  writeHostKeys(knownHostsPath, new Map([...recorded, ...hostKeys]));
  const isAbsent = ({ host, answer }: Answer) => "said" in answer && isUnreachable(answer) && host.role === "worker";
  const known = answers.some(isAbsent) ? await deployed() : new Set();
  const answered = answers.flatMap(({ host, answer }, index) => ("said" in answer ? [] : [{ host, index, facts: answer }]));
  const problems = [
    ...answers.flatMap((asked, index) => {
      const { host, answer } = asked;
      if (!("said" in answer)) return hostProblems({ host, index }, answer);
      return isAbsent(asked) && known.has(host.name) ? [] : [noAnswer({ host, index }, answer)];
    }),
    ...fleetProblems(answered),
  ];
  if (problems.length > 0) throw new BadInputError("Some hosts cannot be in the fleet", problems);
  return { hostKeys, facts: new Map(answered.map(({ host, facts }) => [host.name, facts])) };
}

const noAnswer = ({ host, index }: { host: Host; index: number }, answer: NoAnswer): Problem => ({
  path: `orbweaver:hosts[${index}].address`,
  value: host.address,
  remedy: refusal(answer, host),
});

/** What a host, or ssh, says instead of an answer. */
export interface NoAnswer {
  said: string;
  /** Of ssh; undefined if it did not end within `ANSWER_SECONDS`. */
  exitCode?: number;
}

/** Nobody answered: not a host that refuses the login or has another key. */
export const isUnreachable = ({ said, exitCode }: NoAnswer): boolean =>
  exitCode === undefined ||
  (exitCode === 255 && /timed out|refused|No route to host|unreachable|Connection (closed|reset)|not resolve/i.test(said));

/** Why a host could not be asked, and what to do, in one sentence. */
export function refusal(answer: NoAnswer, { name, ssh: { user, port, privateKeyPath = "the agent's keys" } }: Host): string {
  const { said, exitCode } = answer;
  // As cloud-init and the providers' images write it.
  const [, other] = /Please login as the user "?([\w-]+)"?/i.exec(said) ?? [];
  if (other !== undefined) return `it lets in ${other} rather than ${user}: set user: ${other} in orbweaver:ssh, or in ssh of this host`;
  if (/Permission denied/.test(said))
    return `it does not let ${user} in with ${privateKeyPath}: add the public key to its authorized_keys, or correct orbweaver:ssh`;
  if (/HOST IDENTIFICATION|Host key verification|No ED25519 host key is known/i.test(said))
    return `its SSH key is not the one that was recorded: if the host was installed again, run ./orb host trust ${name}; if not, this is a possible man-in-the-middle attack`;
  if (exitCode === undefined) return `it did not answer within ${ANSWER_SECONDS} s. ${said}`.trim();
  if (isUnreachable(answer))
    return `no SSH server answers there (${said}): start the host, correct its address or its SSH port (${port}), or open the port in the provider's firewall`;
  return said === "" ? `SSH to it ended with exit code ${exitCode} and without a message` : `SSH to it failed: ${said}`;
}

interface Answer {
  host: Host;
  /** The host's public key, if it is known now. */
  key: string | undefined;
  /** What the host says of itself, or why it could not be asked. */
  answer: HostFacts | NoAnswer;
}

/** The key that a host has now, whatever was recorded; without one, what ssh said. */
export async function askHostKey(host: Host): Promise<{ key: string | undefined; said: string }> {
  const { key, answer } = await askHost(host, undefined);
  return { key, said: "said" in answer ? answer.said : "" };
}

/** Asks one host; a host without a known key is asked for its key at the same time. */
async function askHost(host: Host, known: string | undefined): Promise<Answer> {
  if (known !== undefined) return { host, key: known, answer: await askFacts([...sshOptions(host, known), sshDestination(host)]) };
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-keys-"));
  try {
    const file = join(folder, "known_hosts");
    const answer = await askFacts([...firstContactOptions(host, file), sshDestination(host)]);
    return { host, key: readHostKeys(file).get(host.name), answer };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function askFacts(login: string[]): Promise<HostFacts | NoAnswer> {
  const asking = promisify(execFile)("ssh", [...login, PREFLIGHT_COMMAND], { timeout: 1_000 * ANSWER_SECONDS });
  // A host that refuses the login reads nothing.
  asking.child.stdin?.on("error", () => {}).end(preflightScript());
  try {
    const { stdout } = await asking;
    return /^user \d+$/m.test(stdout) ? parseFacts(stdout, Date.now() / 1_000) : { said: stdout.trim(), exitCode: 0 };
  } catch (error) {
    const { stdout = "", stderr = "", code } = error as { stdout?: string; stderr?: string; code?: string | number | null };
    if (code === "ENOENT") throw new NoSshError({ cause: error });
    return { said: stderr.trim() || stdout.trim(), ...(typeof code === "number" ? { exitCode: code } : {}) };
  }
}
