/** The script file of `./orb run`: read, compiled, named. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type CompiledScript, compileScript } from "../compiler/compile.ts";
import { UsageError } from "./errors.ts";

export interface LoadedScript extends CompiledScript {
  source: string;
}

/**
 * Reads and compiles a script. Problems and stack traces use the path as given.
 *
 * @throws UsageError if there is no such file; BadScriptError with all its problems.
 */
export async function loadScript(path: string): Promise<LoadedScript> {
  const source = readScript(path);
  return { source, ...(await compileScript(source, path)) };
}

function readScript(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code;
    throw new UsageError("run", [
      { path: "SCRIPT", value: path, remedy: `it cannot be read (${reason}): write the path of a script, such as examples/books.ts` },
    ]);
  }
}

/** `examples/my-books.ts` -> `my_books`: the file's name without characters that a project name cannot have, 64 characters at most. */
export const projectNameOf = (path: string): string =>
  basename(path)
    .replace(/\.[cm]?[jt]s$/, "")
    .replace(/[^A-Za-z0-9_]/g, "_")
    .slice(0, 64) || "script";
