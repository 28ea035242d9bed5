import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

interface Connection {
  host: string;
  port?: number;
  user?: string;
  privateKey: string;
  hostKey?: string;
  dialErrorLimit?: number;
}

/** OpenSSH's own exit code when it could not connect. */
const NO_CONNECTION = 255;
const RETRY_MS = 1_000;

/**
 * Runs a command on a host with the system's ssh, tried again while the host does not answer.
 *
 * @throws Error with what it wrote to stderr if it fails.
 */
export async function runRemotely(given: unknown, command: string, input: unknown = ""): Promise<{ stdout: string; stderr: string }> {
  const connection = given as Connection;
  const directory = mkdtempSync(join(tmpdir(), "orb-lab-ssh-"));
  try {
    const args = sshArguments(connection, directory);
    for (let tries = 1; ; tries++) {
      const { code, stdout, stderr } = await attempt([...args, command], input as string | Buffer);
      if (code === 0) return { stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
      if (code !== NO_CONNECTION || tries > (connection.dialErrorLimit ?? 10)) {
        throw new Error(
          `Process exited with status ${code}: running "${command}" on ${connection.host}:\n${stderr.trim() || stdout.trim()}`,
        );
      }
      await delay(RETRY_MS);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function sshArguments({ host, port = 22, user = "root", privateKey, hostKey }: Connection, directory: string): string[] {
  const key = join(directory, "key");
  const known = join(directory, "known_hosts");
  writeFileSync(key, privateKey.endsWith("\n") ? privateKey : `${privateKey}\n`, { mode: 0o600 });
  writeFileSync(known, hostKey ? `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n` : "");
  const checking = ["-o", `StrictHostKeyChecking=${hostKey ? "yes" : "no"}`, "-o", `UserKnownHostsFile=${known}`];
  return [
    "-i",
    key,
    ...checking,
    "-o",
    "BatchMode=yes",
    "-o",
    "IdentitiesOnly=yes",
    "-o",
    "ConnectTimeout=15",
    "-p",
    String(port),
    "--",
    `${user}@${host}`,
  ];
}

async function attempt(args: string[], input: string | Buffer): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr = (output.stderr + chunk.toString()).slice(-20_000);
  });
  // A command that ends early closes the pipe; its exit code says more.
  child.stdin.on("error", () => {}).end(input);
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? NO_CONNECTION, ...output };
}
