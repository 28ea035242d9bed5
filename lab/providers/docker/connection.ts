/** A host's Docker API over SSH: one `docker system dial-stdio` per connection, as in Docker's own client. */
import { type ChildProcess, spawn } from "node:child_process";
import { Agent, type IncomingMessage, request } from "node:http";
import { Duplex } from "node:stream";
import { retry } from "../../../services/core/runtime/retry.ts";

export interface DockerSettings {
  /** `ssh://user@host:port` */
  host: string;
  /** Arguments of `ssh` before the host. */
  sshOptions: string[];
}

export interface Answer {
  status: number;
  /** Parsed JSON, a list for one object per line (progress); undefined without a body. */
  // biome-ignore lint/suspicious/noExplicitAny: the callers check the API's answers.
  body: any;
}

const MAX_CONNECTIONS = 4;
/** Answers with its progress. */
const PULL = "/images/create?";
const IDLE_MS = 5_000;
/** Of a pull, too. */
const ANSWER_MS = 300_000;
/** A hardened SSH server drops some of many concurrent connections. */
const MAX_ATTEMPTS = 5;
const RETRY_MS = 1_000;

/** Docker answered with a status that its caller does not expect. */
export class DockerRefusal extends Error {}

export class DockerConnection {
  readonly #settings: DockerSettings;
  readonly #agent: Agent;

  constructor(settings: DockerSettings) {
    this.#settings = settings;
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, timeout: IDLE_MS });
    this.#agent.createConnection = () => this.#dial();
  }

  /** Sends a request and accepts any answer. If the connection breaks before the answer, it repeats only requests that change nothing. */
  async ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const isTransient = (error: unknown) =>
      method === "GET" || (error instanceof Error && /kex_exchange|Connection (closed|reset|refused|timed out)/.test(error.message));
    return await retry(() => this.#askOnce(method, path, body), { isTransient, waitMs: RETRY_MS, maxAttempts: MAX_ATTEMPTS });
  }

  /** As `ask`, but an answer with another status than `statuses` is a DockerRefusal with Docker's own message. */
  async must(
    method: string,
    path: string,
    { body, statuses = [200, 201, 204] }: { body?: unknown; statuses?: number[] } = {},
  ): Promise<Answer["body"]> {
    const answer = await this.ask(method, path, body);
    if (statuses.includes(answer.status)) return answer.body;
    const message = (answer.body as { message?: string } | undefined)?.message ?? `status ${answer.status}`;
    throw new DockerRefusal(`${this.#settings.host}: ${method} ${path}: ${message}`);
  }

  async #askOnce(method: string, path: string, body: unknown): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = payload === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(payload) };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asking = request(
        { agent: this.#agent, host: "docker", method, path, headers, signal: AbortSignal.timeout(ANSWER_MS) },
        resolve,
      );
      asking.on("error", reject).end(payload);
    });
    const text = Buffer.concat(await response.toArray()).toString();
    const isJson = response.headers["content-type"]?.includes("json") === true && text !== "";
    return { status: response.statusCode ?? 0, body: isJson ? parse(text, path) : undefined };
  }

  #dial(): Duplex {
    const { hostname, port, username } = new URL(this.#settings.host);
    const target = [...(port === "" ? [] : ["-p", port]), `${username === "" ? "root" : username}@${hostname}`];
    const child = spawn("ssh", [...this.#settings.sshOptions, ...target, "--", "docker", "system", "dial-stdio"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    return socketOf(child);
  }
}

const parse = (text: string, path: string) =>
  path.startsWith(PULL)
    ? text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
    : JSON.parse(text);

/** A process as the socket that Node's HTTP client expects; its stderr is the reason of its end. */
function socketOf(child: ChildProcess): Duplex {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("ssh was started without pipes");
  let complaint = "";
  stderr.on("data", (bytes: Buffer) => {
    complaint = `${complaint}${bytes.toString()}`.slice(-2_000);
  });
  const socket = new Duplex({
    read: () => stdout.resume(),
    write: (chunk, encoding, done) => stdin.write(chunk, encoding, done),
    final: (done) => stdin.end(done),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  stdout.on("data", (bytes: Buffer) => {
    if (!socket.push(bytes)) stdout.pause();
  });
  stdin.on("error", () => {});
  child.on("error", (error) => socket.destroy(error));
  child.on("close", (code) =>
    code === 0 ? socket.push(null) : socket.destroy(new Error(complaint.trim() || `ssh ended with exit code ${code}`)),
  );
  const none = () => socket;
  return Object.assign(socket, { setTimeout: none, setNoDelay: none, setKeepAlive: none, ref: none, unref: none });
}
