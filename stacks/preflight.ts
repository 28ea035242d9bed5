/** Checks every host before anything is declared, so that problems are reported at preview and not halfway through a deployment. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { BadInputError, type Problem } from "../services/core/protocol/errors.ts";
import type { FleetConfig, Host } from "./config.ts";
import { NoSshError } from "./errors.ts";
import { fleetProblems, type HostFacts, hostProblems, parseFacts } from "./host-facts.ts";
import { readHostKeys, writeHostKeys } from "./host-keys.ts";
import { PREFLIGHT_COMMAND, preflightScript } from "./render/preflight-script.ts";
import { settingName } from "./setting-names.ts";
import { firstContactOptions, sshDestination, sshOptions } from "./ssh.ts";

export interface Contact {
  /** Public keys by host name, such as `ssh-ed25519 AAAA…`. */
  hostKeys: ReadonlyMap<string, string>;
  /** By host name; of hosts that answered. */
  facts: ReadonlyMap<string, HostFacts>;
}

/** For the connection with its retries, and the answer. */
const ANSWER_SECONDS = 60;

/**
 * Requests the facts of every host. Keys of new hosts are recorded in `knownHostsPath`.
 *
 * @param deployed returns the names of hosts that are already in the fleet, if one does not answer: such a worker host may be absent.
 * @throws BadInputError naming every host that does not answer, refuses the login, or cannot join the fleet.
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
  path: settingName(`hosts[${index}].address`),
  value: host.address,
  remedy: refusal(answer, host),
});

/** The failure of a host or of ssh. */
export interface NoAnswer {
  said: string;
  /** Of ssh; undefined if it did not end within `ANSWER_SECONDS`. */
  exitCode?: number;
  /** The login succeeded and the host began to answer before the time was up. */
  hasBegun?: boolean;
}

/** No answer at all: not a host that refuses the login or has another key. */
export const isUnreachable = ({ said, exitCode, hasBegun = false }: NoAnswer): boolean =>
  (exitCode === undefined && !hasBegun) ||
  (exitCode === 255 && /timed out|refused|No route to host|unreachable|Connection (closed|reset)|not resolve/i.test(said));

/** Why a host could not be contacted, and what to do, in one sentence. */
export function refusal(answer: NoAnswer, { name, ssh: { user, port, privateKeyPath = "the agent's keys" } }: Host): string {
  const { said, exitCode, hasBegun } = answer;
  // As in the messages of cloud-init and the providers' images.
  const [, other] = /Please login as the user "?([\w-]+)"?/i.exec(said) ?? [];
  if (other !== undefined) return `it lets in ${other} rather than ${user}: set user: ${other} in orbweaver:ssh, or in ssh of this host`;
  if (/Permission denied/.test(said))
    return `it refuses the login of ${user} with ${privateKeyPath}: add the public key to its authorized_keys, or correct orbweaver:ssh`;
  if (/HOST IDENTIFICATION|Host key verification|No ED25519 host key is known/i.test(said))
    return `its SSH key is not the one that was recorded: if the host was reinstalled, run ./orb host trust ${name}; if not, this is a possible man-in-the-middle attack`;
  if (hasBegun)
    return `it accepted the login of ${user}, but did not finish its answer within ${ANSWER_SECONDS} s: its Docker hangs, or it is overloaded; repeat the command when docker node ls answers there`;
  if (exitCode === undefined) return `it did not answer within ${ANSWER_SECONDS} s. ${said}`.trim();
  if (isUnreachable(answer))
    return `no SSH server answers there (${said}): start the host, correct its address or its SSH port (${port}), or open the port in the provider's firewall`;
  return said === "" ? `SSH to it ended with exit code ${exitCode} and without a message` : `SSH to it failed: ${said}`;
}

interface Answer {
  host: Host;
  /** The host's public key, if it is known now. */
  key: string | undefined;
  /** The host's facts, or why it could not be contacted. */
  answer: HostFacts | NoAnswer;
}

/** The host's current key, whatever was recorded; without one, ssh's message. */
export async function askHostKey(host: Host): Promise<{ key: string | undefined; said: string }> {
  const { key, answer } = await askHost(host, undefined);
  return { key, said: "said" in answer ? answer.said : "" };
}

/** Contacts one host; a host without a recorded key is asked for its key at the same time. */
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
  const options = { input: preflightScript(), timeout: 1_000 * ANSWER_SECONDS, reject: false } as const;
  const { stdout, stderr, exitCode, code, timedOut, cause } = await execa("ssh", [...login, PREFLIGHT_COMMAND], options);
  if (code === "ENOENT") throw new NoSshError({ cause });
  // ssh has a specific exit code when it is stopped by the time limit.
  if (timedOut) return { said: stderr.trim(), hasBegun: stdout !== "" };
  if (exitCode === 0 && /^user \d+$/m.test(stdout)) return parseFacts(stdout, Date.now() / 1_000);
  const said = exitCode === 0 ? stdout : stderr.trim() || stdout;
  return { said: said.trim(), ...(exitCode !== undefined && { exitCode }) };
}
