import { closeSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type ResultRow, streamResults } from "../core/store/result-queries.ts";
import type { Sql } from "../core/store/sql.ts";
import { ResultFileError, UsageError } from "./errors.ts";

/** Where result lines go. Disposing gives up what was not kept. */
export interface ResultSink extends Disposable {
  /** Resolves when the text has been taken over, so that nothing piles up here. */
  write(text: string): Promise<void>;
  /** All has been written. */
  keep(): void;
}

/**
 * Opens `--out` for writing before the crawl begins, so that a bad path is not found out after it. A file that is there stays as it is until all results
 * are in the new one.
 *
 * @throws UsageError if the file cannot be written.
 */
export function openResultFile(path: string): ResultSink {
  const isSpecial = lstatSync(path, { throwIfNoEntry: false })?.isFile() === false;
  // Pipes, devices and links are written to as they are.
  const written = isSpecial ? path : `${path}.${process.pid}.part`;
  const file = openForWriting(written, path);
  let isKept = isSpecial;
  return {
    async write(text) {
      try {
        writeFileSync(file, text);
      } catch (error) {
        throw new ResultFileError(path, error);
      }
    },
    keep() {
      if (!isKept) renameSync(written, path);
      isKept = true;
    },
    [Symbol.dispose]() {
      closeSync(file);
      if (!isKept) rmSync(written, { force: true });
    },
  };
}

function openForWriting(written: string, path: string): number {
  try {
    return openSync(written, "w");
  } catch (error) {
    throw new UsageError("run", [
      {
        path: "--out",
        value: path,
        remedy: `it cannot be written (${(error as NodeJS.ErrnoException).code}): write the path of a file in a directory that exists`,
      },
    ]);
  }
}

/** Results to stdout. Whoever closes it has read enough. */
export function stdoutSink(): ResultSink {
  let isClosed = false;
  process.stdout.once("error", () => {
    isClosed = true;
  });
  return {
    write: (text) => new Promise((resolve) => (isClosed ? resolve() : process.stdout.write(text, () => resolve()))),
    keep() {},
    [Symbol.dispose]() {},
  };
}

/** Writes all results of a project, ordered by taskid and index, one JSON object a line: `taskid`, `url`, `index`, `result`. */
export async function writeResults(sql: Sql, project: string, sink: ResultSink): Promise<void> {
  for await (const page of streamResults(sql, project)) await sink.write(page.map(resultLine).join(""));
  sink.keep();
}

/** The stored JSON is passed on as it is; a line break can only be white space in it. */
export function resultLine({ taskid, url, index, result }: Pick<ResultRow, "taskid" | "url" | "index" | "result">): string {
  const head = JSON.stringify({ taskid, url, index }).slice(0, -1);
  return `${head},"result":${result.replace(/[\r\n]+/g, " ")}}\n`;
}
