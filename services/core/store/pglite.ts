/** Reads the data of earlier versions, whose embedded database was PGlite. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Answer, Statement } from "./pglite-thread.ts";
import type { Database, Row, Sql } from "./sql.ts";

/**
 * Opens the PGlite database in `directory` in a thread of its own. It has one connection: its statements and transactions must be awaited one
 * after the other.
 *
 * Rejects if it cannot be opened, or if npm did not install PGlite (an optional dependency).
 */
export async function openPglite(directory: string): Promise<Database> {
  const thread = new Worker(new URL("./pglite-thread.ts", import.meta.url), { workerData: { directory } });
  await once(thread, "message");
  const sql = statementsOf(thread);
  return {
    ...sql,
    async transaction(work) {
      await sql.exec("begin");
      const value = await work(sql);
      await sql.exec("commit");
      return value;
    },
    async close() {
      const ended = once(thread, "exit");
      thread.postMessage("close");
      await ended;
    },
  };
}

function statementsOf(thread: Worker): Sql {
  let lastId = 0;
  const send = async (text: string, params?: unknown[]): Promise<object[]> => {
    const id = ++lastId;
    const statement: Statement = params ? { id, text, params } : { id, text };
    thread.postMessage(statement);
    const [answer] = (await once(thread, "message")) as [Answer];
    if ("error" in answer) throw new Error(answer.error);
    return answer.rows;
  };
  return {
    query: <R extends object = Row>(text: string, params: unknown[] = []) => send(text, params) as Promise<R[]>,
    exec: async (text) => void (await send(text)),
  };
}
