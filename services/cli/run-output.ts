import { closeSync, openSync, writeSync } from "node:fs";
import { type ResultRow, streamResults } from "../core/store/result-queries.ts";
import type { Sql } from "../core/store/sql.ts";
import { UsageError } from "./errors.ts";

/** Where result lines go. */
export interface ResultSink extends Disposable {
  write(text: string): void;
}

/**
 * Opens `--out` for writing before the crawl begins, so that a bad path is not found out after it.
 *
 * @throws UsageError if the file cannot be written.
 */
export function openResultFile(path: string): ResultSink {
  let file: number;
  try {
    file = openSync(path, "w");
  } catch (error) {
    throw new UsageError("run", [
      {
        path: "--out",
        value: path,
        remedy: `it cannot be written (${(error as NodeJS.ErrnoException).code}): write the path of a file in a directory that exists`,
      },
    ]);
  }
  return { write: (text) => void writeSync(file, text), [Symbol.dispose]: () => closeSync(file) };
}

/** Results to stdout. */
export const stdoutSink = (): ResultSink => ({ write: (text) => void process.stdout.write(text), [Symbol.dispose]() {} });

/** Writes all results of a project, ordered by taskid and index, one JSON object a line: `taskid`, `url`, `index`, `result`. */
export async function writeResults(sql: Sql, project: string, sink: ResultSink): Promise<void> {
  for await (const page of streamResults(sql, project)) sink.write(page.map(resultLine).join(""));
}

/** The stored JSON is passed on as it is; a line break can only be white space in it. */
export function resultLine({ taskid, url, index, result }: Pick<ResultRow, "taskid" | "url" | "index" | "result">): string {
  const head = JSON.stringify({ taskid, url, index }).slice(0, -1);
  return `${head},"result":${result.replace(/[\r\n]+/g, " ")}}\n`;
}
