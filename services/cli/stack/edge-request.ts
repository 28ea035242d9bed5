/** Requests to a fleet's web UI through SSH: the token crosses no network in clear text, and no local port is open to other users. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { connect } from "node:tls";
import { execa } from "execa";
import { derivePasswords } from "../../../stacks/config/passwords.ts";
import type { Host } from "../../../stacks/config.ts";
import { sshDestination, sshOptions } from "../../../stacks/ssh.ts";
import { type Fleet, hostKeyOf } from "./fleet-hosts.ts";

const ANSWER_MS = 15_000;

/**
 * The body of the answer to a GET with the administrator's token, from the edge of `host`.
 *
 * @throws Error that says why there is no answer with status 200.
 */
export async function getFromEdge(fleet: Fleet, host: Host, path: string): Promise<string> {
  const { tls, secret } = fleet.config;
  const signal = AbortSignal.timeout(ANSWER_MS);
  const target = `127.0.0.1:${tls === undefined ? 80 : 443}`;
  const ssh = execa("ssh", [...sshOptions(host, hostKeyOf(fleet, host)), "-W", target, sshDestination(host)], {
    ...{ reject: false, buffer: { stdout: false }, cancelSignal: signal },
  });
  try {
    const stream = ssh.duplex();
    // The host's SSH key has proved who answers.
    const connection = tls === undefined ? stream : connect({ socket: stream, servername: tls.domain, rejectUnauthorized: false });
    const asked = request({
      ...{ createConnection: () => connection, path, signal },
      headers: { host: tls?.domain ?? host.address, authorization: `Bearer ${derivePasswords(secret).adminToken}`, connection: "close" },
    });
    asked.end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const body = await text(answer);
    ssh.kill();
    if (answer.statusCode !== 200) throw new Error(`the web UI answers ${path} with status ${answer.statusCode}`);
    return body;
  } catch (error) {
    ssh.kill();
    const { stderr } = await ssh;
    throw new Error(stderr.trim().split("\n").at(-1) || (error as Error).message, { cause: error });
  }
}
