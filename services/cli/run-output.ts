import { closeSync, copyFileSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
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
 * are in the new one, unless it is no ordinary file, or its directory takes no other beside it.
 *
 * @throws UsageError if the file cannot be written.
 */
export function openResultFile(path: string): ResultSink {
  const before = lstatSync(path, { throwIfNoEntry: false });
  const beside = `${path}.${process.pid}.part`;
  const opened = before && !before.isFile() ? undefined : tryToOpen(beside, before?.mode);
  return opened === undefined ? directSink(path) : replacingSink(path, beside, opened);
}

function directSink(path: string): ResultSink {
  const file = openForWriting(path);
  return { write: (text) => writeAll(file, text, path), keep() {}, [Symbol.dispose]: () => closeSync(file) };
}

function replacingSink(path: string, beside: string, file: number): ResultSink {
  let isOver = false;
  return {
    write: (text) => writeAll(file, text, path),
    keep() {
      isOver = true;
      closeSync(file);
      replace(path, beside);
    },
    [Symbol.dispose]() {
      if (isOver) return;
      isOver = true;
      closeSync(file);
      rmSync(beside, { force: true });
    },
  };
}

/** What cannot be put in its place, such as a file that is mounted by itself, is written over. */
function replace(path: string, beside: string): void {
  try {
    renameSync(beside, path);
  } catch {
    try {
      copyFileSync(beside, path);
    } catch (error) {
      throw new ResultFileError(path, error, beside);
    }
    rmSync(beside, { force: true });
  }
}

async function writeAll(file: number, text: string, path: string): Promise<void> {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new ResultFileError(path, error);
  }
}

function tryToOpen(path: string, mode: number | undefined): number | undefined {
  try {
    return openSync(path, "w", mode);
  } catch {
    return undefined;
  }
}

function openForWriting(path: string): number {
  try {
    return openSync(path, "w");
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
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        if (isClosed) return resolve();
        process.stdout.write(text, (error) => {
          isClosed = (error as NodeJS.ErrnoException | null | undefined)?.code === "EPIPE";
          if (error && !isClosed) reject(new ResultFileError("stdout", error));
          else resolve();
        });
      }),
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
