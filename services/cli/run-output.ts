import { closeSync, copyFileSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { visibleText } from "../core/protocol/visible-text.ts";
import { type ResultRow, streamResults } from "../core/store/result-queries.ts";
import type { Sql } from "../core/store/sql.ts";
import { ResultFileError, UsageError } from "./errors.ts";

/** The destination of result lines. Disposing deletes an unfinished file. */
export interface ResultSink extends Disposable {
  /** Resolves when the text has been written, so that no backlog builds up. */
  write(text: string): Promise<void>;
  /** Call it after the last line: moves the new file into place. */
  keep(): void;
}

/**
 * Opens `--out` for writing before the crawl begins, so that a bad path is reported first. An existing file stays as it is until all results
 * are in the new file. Special files, and files in directories that cannot be written, are overwritten in place.
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

/** Files that cannot be replaced, such as a bind-mounted one, are overwritten. */
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

/** Writes results to stdout, with control characters of JSON texts escaped: the values are the same. A closed pipe ends the output without an error. */
export function stdoutSink(): ResultSink {
  let isClosed = false;
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        if (isClosed) return resolve();
        process.stdout.write(visibleText(text), (error) => {
          isClosed = (error as NodeJS.ErrnoException | null | undefined)?.code === "EPIPE";
          if (error && !isClosed) reject(new ResultFileError("stdout", error));
          else resolve();
        });
      }),
    keep() {},
    [Symbol.dispose]() {},
  };
}

/** Writes all results of a project, ordered by taskid and index, one JSON object per line: `taskid`, `url`, `index`, `result`. */
export async function writeResults(sql: Sql, project: string, sink: ResultSink): Promise<void> {
  for await (const page of streamResults(sql, project)) await sink.write(page.map(resultLine).join(""));
  sink.keep();
}

/** The stored JSON is copied unchanged; a line break in it can only be white space. */
export function resultLine({ taskid, url, index, result }: Pick<ResultRow, "taskid" | "url" | "index" | "result">): string {
  const head = JSON.stringify({ taskid, url, index }).slice(0, -1);
  return `${head},"result":${result.replace(/[\r\n]+/g, " ")}}\n`;
}
