/** Docker's HTTP API on a host, over the operator's SSH, as the real provider reaches it. */
import { spawn } from "node:child_process";
import { request } from "node:http";
import { Duplex } from "node:stream";
import type { Properties } from "../serve.ts";

const VERSION = "v1.41";
const TIMEOUT_MS = 120_000;

export interface DockerApi {
  /** @throws Error with Docker's own message; for a 404 only if `mayBeGone` is not set. */
  call<T = Properties>(method: string, path: string, options?: { body?: object; mayBeGone?: boolean }): Promise<T>;
}

/** @param provider the provider's configuration: `host` as `ssh://user@address:port`, `sshOpts`. */
export function openDockerApi(provider: Properties): DockerApi {
  const { username, hostname, port } = new URL(String(provider.host));
  const options =
    typeof provider.sshOpts === "string" ? (JSON.parse(provider.sshOpts) as string[]) : ((provider.sshOpts as string[] | undefined) ?? []);
  const ssh = [...options, "-p", port || "22", "--", `${username}@${hostname}`, "docker", "system", "dial-stdio"];
  return {
    async call<T>(method: string, path: string, { body, mayBeGone = false }: { body?: object; mayBeGone?: boolean } = {}) {
      const child = spawn("ssh", ssh, { stdio: ["pipe", "pipe", "pipe"] });
      let complaint = "";
      child.stderr.on("data", (chunk: Buffer) => {
        complaint = (complaint + chunk.toString()).slice(-2_000);
      });
      try {
        const { status, text } = await exchange(Duplex.from({ readable: child.stdout, writable: child.stdin } as never) as Duplex, {
          method,
          path: `/${VERSION}${path}`,
          body,
        });
        if (status === 404 && mayBeGone) return {} as T;
        if (status >= 400) throw new Error(`Docker on ${hostname}: ${method} ${path.split("?")[0]}: ${messageOf(text)}`);
        return (text === "" ? {} : JSON.parse(text)) as T;
      } catch (error) {
        throw complaint === "" ? error : new Error(`${(error as Error).message}: ${complaint.trim()}`);
      } finally {
        child.kill();
      }
    },
  };
}

function exchange(stream: Duplex, { method, path, body }: { method: string; path: string; body: object | undefined }) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      host: "docker",
      connection: "close",
      ...(payload === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) }),
    };
    const timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS / 1_000} s`)), TIMEOUT_MS);
    const asked = request({ method, path, headers, createConnection: () => stream }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
    });
    asked.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.end(payload);
  });
}

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message: string }).message;
  } catch {
    return text;
  }
}
