/** `./orb open`: a tunnel to the web UI, for a fleet whose edge speaks plain HTTP. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Host } from "../../../stacks/config.ts";
import { sshDestination, sshOptions } from "../../../stacks/ssh.ts";
import { abortOnSignals } from "../../core/signals.ts";
import { TunnelError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { type Fleet, hostKeyOf, openFleet } from "./fleet-hosts.ts";

const READY_SECONDS = 30;
const ASK_AGAIN_MS = 200;

/**
 * Forwards a port of this machine to the edge of the first edge host that answers, until Ctrl-C.
 *
 * @throws TunnelError with what ssh said to each, if none does.
 */
export async function open(flags: StackFlags & { port: number }): Promise<number> {
  const fleet = await openFleet(flags);
  using stop = abortOnSignals();
  const attempts: string[] = [];
  for (const host of fleet.config.hosts.filter(({ isEdge }) => isEdge)) {
    const failure = await tunnel(fleet, host, { port: flags.port, json: flags.json, signal: stop.signal });
    if (failure === undefined) return EXIT.ok;
    attempts.push(`  ${host.name} (${host.address}): ${failure}`);
  }
  throw new TunnelError(attempts);
}

interface Tunnel {
  port: number;
  json: boolean;
  signal: AbortSignal;
}

/** Resolves to undefined when a tunnel that worked has ended, else to why there was none. */
async function tunnel(fleet: Fleet, host: Host, { port, json, signal }: Tunnel): Promise<string | undefined> {
  const forward = ["-N", "-o", "ExitOnForwardFailure=yes", "-L", `127.0.0.1:${port}:127.0.0.1:80`];
  const child = spawn("ssh", [...sshOptions(host, hostKeyOf(fleet, host)), ...forward, sshDestination(host)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "exit");
  signal.addEventListener("abort", () => child.kill(), { once: true });
  const url = `http://127.0.0.1:${port}`;
  const isReady = await Promise.race([ended.then(() => false), answers(url)]);
  if (!isReady) {
    child.kill();
    if (signal.aborted) return undefined;
    return said.trim() || `no answer within ${READY_SECONDS} s`;
  }
  process.stdout.write(
    json
      ? `${JSON.stringify({ url, host: host.name })}\n`
      : `the web UI     ${url} (through ${host.name}; Ctrl-C ends it)\nits token      ./orb token --stack ${fleet.stack}\n`,
  );
  await ended;
  return undefined;
}

async function answers(url: string): Promise<boolean> {
  const end = Date.now() + READY_SECONDS * 1_000;
  while (Date.now() < end) {
    const answer = await fetch(`${url}/login`, { redirect: "manual", signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer) return true;
    await delay(ASK_AGAIN_MS);
  }
  return false;
}
