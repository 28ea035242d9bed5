/** The thread that pglite.ts starts: PGlite takes 0.6 GB, which is free again once the thread has ended. */
import { parentPort, workerData } from "node:worker_threads";
import { PGlite, types } from "@electric-sql/pglite";

/** A statement to run; `params` absent: several statements at once. */
export interface Statement {
  id: number;
  text: string;
  params?: unknown[];
}
export type Answer = { id: number; rows: object[] } | { id: number; error: string };

const port = parentPort;
if (!port) throw new Error("pglite-thread.ts runs as a worker thread");
const { directory } = workerData as { directory: string };
const database = await PGlite.create(directory, { parsers: { [types.INT8]: Number } });

async function run({ id, text, params }: Statement): Promise<Answer> {
  try {
    if (params) return { id, rows: (await database.query<object>(text, params)).rows };
    await database.exec(text);
    return { id, rows: [] };
  } catch (error) {
    return { id, error: (error as Error).message };
  }
}

port.on("message", async (statement: Statement | "close") => {
  if (statement === "close") {
    await database.close();
    port.close();
  } else {
    port.postMessage(await run(statement));
  }
});
port.postMessage("ready");
