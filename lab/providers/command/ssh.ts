/** Commands on a host over the machine's `ssh`, one connection each. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface SshConnection {
  host: string;
  port?: number;
  user?: string;
  privateKey: string;
  /** Such as `ssh-ed25519 AAAA…`; without it any key is taken, as the real provider does. */
  hostKey?: string;
  /** Attempts to connect. */
  dialErrorLimit?: number;
}

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** The real provider's default. */
const DIAL_ERROR_LIMIT = 10;
const RETRY_MS = 1_000;
/** What `ssh` ends with when it is not the command that failed. */
const SSH_FAILED = 255;

/**
 * Runs a command with `input` on its standard input.
 *
 * @throws Error if no connection comes about; how the command itself ends is the answer.
 */
export async function runOverSsh(connection: SshConnection, command: string, input: string | Buffer): Promise<Finished> {
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-ssh-"));
  try {
    const args = await sshArguments(connection, folder);
    for (let attempt = 1; ; attempt += 1) {
      const finished = await ssh([...args, command], input);
      const hasNotConnected =
        finished.code === SSH_FAILED && /^(ssh: |kex_|Connection |Host key|.*Permission denied)/m.test(finished.stderr);
      if (!hasNotConnected) return finished;
      const isHopeless = /Host key verification failed|Permission denied/.test(finished.stderr);
      if (isHopeless || attempt >= (connection.dialErrorLimit ?? DIAL_ERROR_LIMIT))
        throw new Error(`${connection.host}: ${finished.stderr.trim()}`);
      await delay(RETRY_MS);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sshArguments({ host, port = 22, user = "root", privateKey, hostKey }: SshConnection, folder: string): Promise<string[]> {
  const keyPath = join(folder, "key");
  const knownHosts = join(folder, "known_hosts");
  await writeFile(keyPath, privateKey.endsWith("\n") ? privateKey : `${privateKey}\n`, { mode: 0o600 });
  await writeFile(knownHosts, hostKey === undefined ? "" : `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`);
  const options = [
    ...["BatchMode=yes", "ConnectTimeout=15", "LogLevel=ERROR", "IdentitiesOnly=yes", "ServerAliveInterval=10"],
    ...[`StrictHostKeyChecking=${hostKey === undefined ? "no" : "yes"}`, `UserKnownHostsFile=${knownHosts}`],
  ];
  return ["-F", "none", "-i", keyPath, "-p", String(port), ...options.flatMap((option) => ["-o", option]), `${user}@${host}`];
}

async function ssh(args: string[], input: string | Buffer): Promise<Finished> {
  const child = spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"] });
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout.on("data", (bytes: Buffer) => output.stdout.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => output.stderr.push(bytes));
  // A command that does not read its input closes the pipe.
  child.stdin.on("error", () => {}).end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? SSH_FAILED, stdout: Buffer.concat(output.stdout).toString(), stderr: Buffer.concat(output.stderr).toString() };
}
