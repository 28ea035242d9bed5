/** A Postgres server as a child process, on a Unix socket that only its own user and root can reach. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { retry } from "../runtime/retry.ts";
import { EmbeddedDatabaseError } from "./errors.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { serverSettings } from "./server-settings.ts";
import { commandAs, type ServerUser } from "./server-user.ts";

export interface LocalServerOptions {
  /** The database's folder, with `PG_VERSION`. */
  directory: string;
  binaries: PostgresBinaries;
  user: ServerUser | undefined;
  /** False: a crash of the machine may ruin the database. */
  isDurable: boolean;
}

export interface LocalServer {
  /** `postgres://…`, for connectPostgres. */
  url: string;
  /** Resolves when the process has ended, for whatever reason. */
  ended: Promise<void>;
  /** The reason if it ended without `stop`. */
  failure(): EmbeddedDatabaseError | undefined;
  /** Writes all changes to the tables, ends connections and the process. */
  stop(): Promise<void>;
}

const SOCKET = ".s.PGSQL.5432";
/** Of a Unix socket's path: 104 bytes on macOS, 108 on Linux, with a NUL. */
const MAX_SOCKET_PATH = 103;
/** Postgres' refusal to start while processes of a server that was killed are still there. */
const OLD_PROCESSES = "pre-existing shared memory block";
/** A server of a process that was killed still writes its changes to the tables. */
const FORMER_SERVER_MS = 60_000;
/** It may have to read its log again after a crash; the log's size is limited. */
const START_MS = 120_000;
const POLL_MS = 20;
/** Of what the server wrote last, for messages. */
const LAST_WORDS = 500;
/**
 * Runs the server in the place of this shell. Beside it, a shell reads from descriptor 3 until it is closed, which the system does when our process
 * ends in any way; then it stops the server as `stop` does.
 */
const GUARDED = '(read -r _ <&3; kill -INT $$) 2>/dev/null & exec "$@" 3<&-';

/**
 * Starts a server and waits until it accepts statements.
 *
 * @throws EmbeddedDatabaseError with the server's last words.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  await endOfFormerServer(options.directory);
  const isTransient = (error: unknown) => error instanceof Error && error.message.includes(OLD_PROCESSES);
  return retry(() => startOnce(options), { isTransient, waitMs: POLL_MS, forMs: FORMER_SERVER_MS });
}

async function startOnce(options: LocalServerOptions): Promise<LocalServer> {
  const server = spawnServer(options, socketFolder(options));
  const isTransient = () => server.failure() === undefined;
  try {
    await retry(() => connectOnce(server.url), { isTransient, waitMs: POLL_MS, forMs: START_MS });
    return server;
  } catch (error) {
    await server.stop();
    throw server.failure() ?? new EmbeddedDatabaseError(options.directory, { cause: error });
  }
}

async function connectOnce(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect().finally(() => client.end());
}

interface SocketFolder {
  path: string;
  remove(): void;
}

/** The database's own folder, or a temporary one if its path is too long for a socket. */
function socketFolder({ directory, user }: LocalServerOptions): SocketFolder {
  if (Buffer.byteLength(join(directory, SOCKET)) <= MAX_SOCKET_PATH) return { path: directory, remove() {} };
  const path = mkdtempSync(join(tmpdir(), "orb-"));
  if (user) chownSync(path, user.uid, user.gid);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Waits for the server of a process that was killed. If none answers, the files with its process id are stale: after a restart of the machine or the
 * container, another process may have that id, and Postgres would refuse to start. It still refuses a database that another server has open.
 */
async function endOfFormerServer(directory: string): Promise<void> {
  const idFile = join(directory, "postmaster.pid");
  if (!existsSync(idFile)) return;
  // The fifth line names the folder of its socket (PostgreSQL, src/include/utils/pidfile.h).
  const socket = join(readFileSync(idFile, "utf8").split("\n")[4] ?? directory, SOCKET);
  const deadline = Date.now() + FORMER_SERVER_MS;
  while (await answers(socket)) {
    if (Date.now() > deadline)
      throw new EmbeddedDatabaseError(directory, { cause: new Error(`its former server, see ${idFile}, does not end`) });
    await delay(POLL_MS);
  }
  for (const stale of [idFile, `${socket}.lock`]) rmSync(stale, { force: true });
}

async function answers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function spawnServer({ directory, binaries, user, isDurable }: LocalServerOptions, sockets: SocketFolder): LocalServer {
  const settings = serverSettings({ sockets: sockets.path, isDurable });
  const command = commandAs(user, [binaries.postgres, "-D", directory, ...settings.flatMap((setting) => ["-c", setting])]);
  const child = spawn("/bin/sh", ["-c", GUARDED, "sh", ...command], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    // A Ctrl-C at the terminal is ours alone: roles still write while they drain.
    detached: true,
    cwd: "/",
    env: serverEnvironment(),
  });
  const lastWords = collectOutput(child);
  let isStopping = false;
  let failure: EmbeddedDatabaseError | undefined;
  const release = () => child.stdio[3]?.destroy();
  const ended = new Promise<void>((resolve) => {
    const end = (how: unknown) => {
      if (!isStopping) failure = new EmbeddedDatabaseError(directory, { cause: new Error(`${how}: ${lastWords()}`) });
      release();
      sockets.remove();
      resolve();
    };
    child.once("error", end);
    child.once("exit", (code, signal) => end(`the server ended with ${signal ?? code}`));
  });
  return {
    url: `postgres://orbweaver@localhost/postgres?host=${encodeURIComponent(sockets.path)}`,
    ended,
    failure: () => failure,
    async stop() {
      isStopping = true;
      release();
      await ended;
    },
  };
}

/** Programs are found, and nothing else of our environment reaches the server. */
export const serverEnvironment = () => ({ PATH: process.env.PATH ?? "", LC_ALL: "C" });

function collectOutput(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk) => {
    text = (text + chunk).slice(-LAST_WORDS);
  });
  return () => text.trim();
}
