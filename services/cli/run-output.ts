import { closeSync, copyFileSync, lstatSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type ExportOptions, encodeResults, type ResultFormat } from "../core/export/formats.ts";
import { visibleText } from "../core/protocol/visible-text.ts";
import { streamResults } from "../core/store/result-queries.ts";
import type { Sql } from "../core/store/sql.ts";
import { ResultFileError, UsageError } from "./errors.ts";

/** The destination of results. Disposing deletes an unfinished file. */
export interface ResultSink extends Disposable {
  /** Resolves when the piece has been written, so that no backlog builds up. */
  write(piece: string | Uint8Array): Promise<void>;
  /** Call it after the last piece: moves the new file into place. */
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
  return { write: (piece) => writeAll(file, piece, path), keep() {}, [Symbol.dispose]: () => closeSync(file) };
}

function replacingSink(path: string, beside: string, file: number): ResultSink {
  let isOver = false;
  return {
    write: (piece) => writeAll(file, piece, path),
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

async function writeAll(file: number, piece: string | Uint8Array, path: string): Promise<void> {
  try {
    writeFileSync(file, piece);
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

/** Writes texts to stdout, with control characters of JSON escaped: the values are the same. A closed pipe ends the output without an error. */
export function stdoutSink(): ResultSink {
  let isClosed = false;
  return {
    write: (piece) =>
      new Promise((resolve, reject) => {
        if (isClosed) return resolve();
        process.stdout.write(visibleText(String(piece)), (error) => {
          isClosed = (error as NodeJS.ErrnoException | null | undefined)?.code === "EPIPE";
          if (error && !isClosed) reject(new ResultFileError("stdout", error));
          else resolve();
        });
      }),
    keep() {},
    [Symbol.dispose]() {},
  };
}

/** The choices of the command line; see `./orb run --help`. */
export interface OutputFlags {
  out?: string;
  format?: ResultFormat;
  fields?: string[];
  csvBom: boolean;
  csvNoGuard: boolean;
}

/** The format of a run's results: of `--format`, else of the file's name. */
export const formatOf = ({ out = "", format }: Pick<OutputFlags, "out" | "format">): ResultFormat =>
  format ?? (/\.(csv|xlsx)$/i.exec(out)?.[1]?.toLowerCase() as ResultFormat | undefined) ?? "jsonl";

/** Writes all results of a project, ordered by taskid and index; nothing may be stored meanwhile. */
export async function writeResults(sql: Sql, project: string, sink: ResultSink, flags: OutputFlags): Promise<void> {
  const options: ExportOptions = {
    ...{ format: formatOf(flags), fields: flags.fields, guard: !flags.csvNoGuard, bom: flags.csvBom },
    ...{ open: () => streamResults(sql, project), mayGrow: false },
  };
  for await (const piece of encodeResults(options)) await sink.write(piece);
  sink.keep();
}
