/** The thread that embedded.ts starts: PGlite runs here, so that a query never stalls the roles. */
import { mkdir } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite, types } from "@electric-sql/pglite";
import { PLANNER_SETTINGS } from "./sql.ts";

/** A statement to run; `params` absent: several statements at once. */
export interface Statement {
  id: number;
  text: string;
  params?: unknown[];
}
export type Answer = { id: number; rows: object[] } | { id: number; error: { message: string; code?: string } };

const port = parentPort;
if (!port) throw new Error("embedded-thread.ts runs as a worker thread");
const { directory } = workerData as { directory: string };
/** Instead of 128 MB: the single reader uses the system's file cache, and the process takes 100 MB less. */
const SHARED_BUFFERS = "shared_buffers=32MB";
await mkdir(directory, { recursive: true });
const database = await PGlite.create(directory, {
  startParams: [...PGlite.defaultStartParams, ...[SHARED_BUFFERS, ...PLANNER_SETTINGS].flatMap((setting) => ["-c", setting])],
  parsers: { [types.INT8]: Number, [types.NUMERIC]: Number },
});

async function run({ id, text, params }: Statement): Promise<Answer> {
  try {
    if (params) return { id, rows: (await database.query<object>(text, params)).rows };
    await database.exec(text);
    return { id, rows: [] };
  } catch (error) {
    const { message, code } = error as Error & { code?: string };
    return { id, error: code === undefined ? { message } : { message, code } };
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
