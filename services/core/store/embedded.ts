import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { copyTemplate } from "./embedded-template.ts";
import type { Answer, Statement } from "./embedded-thread.ts";
import { EmbeddedDatabaseError } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { type Database, type Row, type Sql, watchFailures } from "./sql.ts";

/**
 * Opens (or creates) the embedded Postgres in `directory`, with the newest schema. PGlite has no lock between processes, so the caller must
 * hold one.
 *
 * @throws EmbeddedDatabaseError if the directory cannot be opened; SchemaTooNewError.
 */
export async function openEmbedded(directory: string): Promise<Database> {
  await copyTemplate(directory, makeTemplate);
  return openInThread(directory);
}

/** The template databases are not needed, and copying them would copy 600 of 1,000 files for each new data directory. */
async function makeTemplate(folder: string): Promise<void> {
  const database = await openInThread(folder);
  await database.exec("update pg_database set datistemplate = false");
  for (const unused of ["template0", "template1"]) await database.exec(`drop database ${unused}`);
  await database.close();
}

async function openInThread(directory: string): Promise<Database> {
  const thread = new Worker(new URL("./embedded-thread.ts", import.meta.url), { workerData: { directory } });
  try {
    await once(thread, "message");
  } catch (cause) {
    throw new EmbeddedDatabaseError(directory, { cause });
  }
  const database = new EmbeddedDatabase(directory, thread);
  await migrate(database);
  return database;
}

/** One connection: statements and transactions run one after the other. */
class EmbeddedDatabase implements Database {
  readonly #directory: string;
  readonly #thread: Worker;
  readonly #pending = new Map<number, { resolve(rows: object[]): void; reject(error: Error): void }>();
  #lastId = 0;
  #tail: Promise<unknown> = Promise.resolve();
  #gone: Error | undefined;

  constructor(directory: string, thread: Worker) {
    this.#directory = directory;
    this.#thread = thread;
    thread.on("message", (answer: Answer) => this.#settle(answer));
    thread.on("error", (cause) => this.#fail(cause));
    thread.on("exit", () => this.#fail(undefined));
  }

  query<R extends object = Row>(text: string, params: unknown[] = []): Promise<R[]> {
    return this.#exclusively(() => this.#send(text, params) as Promise<R[]>);
  }

  exec(text: string): Promise<void> {
    return this.#exclusively(async () => void (await this.#send(text)));
  }

  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const sql = watchFailures({
        query: <R extends object>(text: string, params: unknown[] = []) => this.#send(text, params) as Promise<R[]>,
        exec: async (text) => void (await this.#send(text)),
      });
      try {
        // Not awaited: it is sent with the first statement.
        const begun = sql.exec("begin");
        begun.catch(() => {});
        const value = await work(sql);
        await begun;
        await sql.exec("commit");
        return value;
      } catch (error) {
        await this.#send("rollback");
        throw sql.reasonOf(error);
      }
    });
  }

  async close(): Promise<void> {
    await this.#tail.catch(() => {});
    if (this.#gone) return;
    const ended = once(this.#thread, "exit");
    this.#thread.postMessage("close");
    await ended;
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => {});
    return result;
  }

  #send(text: string, params?: unknown[]): Promise<object[]> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = ++this.#lastId;
    const statement: Statement = params ? { id, text, params } : { id, text };
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#thread.postMessage(statement);
    });
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("rows" in answer) pending?.resolve(answer.rows);
    else pending?.reject(Object.assign(new Error(answer.error.message), answer.error));
  }

  #fail(cause: unknown): void {
    this.#gone ??= new EmbeddedDatabaseError(this.#directory, { cause });
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
  }
}
