/** `./orb open`: a tunnel to the web UI, for a fleet whose edge speaks plain HTTP. */
import { execa } from "execa";
import type { Host } from "../../../stacks/config.ts";
import { NoSshError } from "../../../stacks/errors.ts";
import { sshDestination, sshOptions } from "../../../stacks/ssh.ts";
import { retry } from "../../core/runtime/retry.ts";
import { abortOnSignals } from "../../core/runtime/signals.ts";
import { TunnelError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print } from "../terminal.ts";
import { type Fleet, hostKeyOf, openFleet } from "./fleet-hosts.ts";

const READY_SECONDS = 30;
const ASK_AGAIN_MS = 200;

/**
 * Forwards a local port to the edge of the first edge host that answers, until Ctrl-C.
 *
 * @throws TunnelError with ssh's error for each host, if no host answers.
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

/** Resolves to undefined when a working tunnel has ended, or to the reason why it could not be opened. */
async function tunnel(fleet: Fleet, host: Host, { port, json, signal }: Tunnel): Promise<string | undefined> {
  const forward = ["-N", "-o", "ExitOnForwardFailure=yes", "-L", `127.0.0.1:${port}:127.0.0.1:80`];
  const child = execa("ssh", [...sshOptions(host, hostKeyOf(fleet, host)), ...forward, sshDestination(host)], {
    ...{ stdin: "ignore", stdout: "ignore", reject: false, cancelSignal: signal },
  });
  const url = `http://127.0.0.1:${port}`;
  const isReady = await Promise.race([child.then(() => false), answers(url)]);
  if (!isReady) {
    child.kill();
    const { stderr, code, cause } = await child;
    if (code === "ENOENT") throw new NoSshError({ cause });
    if (signal.aborted) return undefined;
    return stderr.trim() || `no answer within ${READY_SECONDS} s`;
  }
  print(
    json
      ? `${JSON.stringify({ url, host: host.name })}\n`
      : `the web UI     ${url} (through ${host.name}; Ctrl-C ends it)\nits token      ./orb token --stack ${fleet.stack}\n`,
  );
  await child;
  return undefined;
}

const answers = (url: string): Promise<boolean> =>
  retry(() => fetch(`${url}/login`, { redirect: "manual", signal: AbortSignal.timeout(5_000) }), {
    isTransient: () => true,
    waitMs: ASK_AGAIN_MS,
    forMs: READY_SECONDS * 1_000,
  }).then(
    () => true,
    () => false,
  );
