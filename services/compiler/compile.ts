import { createHash } from "node:crypto";
import { confinementHere } from "../sandbox/confinement/confinement.ts";
import type { Bundled } from "./bundled.ts";
import { CompilerProcess } from "./compiler-process.ts";
import { BadScriptError, CompilerError } from "./errors.ts";
import { sourceMapDirectives } from "./source-map-directives.ts";

const SOURCE_LIMIT_BYTES = 1_000_000;
/** The process has limits of memory and CPU time, so only one without CPU time reaches this limit. */
const COMPILE_LIMIT_MS = 60_000;
const TOO_MUCH = "compiling it takes too much time or memory: nest expressions and types less deeply, or split long ones";
const START_LIMIT_MS = 30_000;
/** The process takes 70 MiB, and 0.3 s to start. */
const IDLE_MS = 60_000;

/** A script for processors. */
export interface CompiledScript {
  /** A function of the script API that returns the script's class, with an inline source map. */
  compiled: string;
  /** SHA-256 (hex) of `compiled`. */
  hash: string;
}

let compiler: CompilerProcess | undefined;
let last: Promise<unknown> = Promise.resolve();
let idle: NodeJS.Timeout | undefined;

/**
 * TypeScript with decorators -> plain JavaScript for the sandbox. Types are removed, not checked. Scripts are compiled one at a time in a
 * separate process that has no access to anything, and is replaced when a script ends it.
 *
 * @param fileName the script's name in problems and stack traces: `books.ts`.
 * @throws BadScriptError with all problems at once, each with `file:line:column`; CompilerError if no process can be started.
 */
export async function compileScript(source: string, fileName: string): Promise<CompiledScript> {
  refuseAtOnce(source, fileName);
  const turn = last.then(() => bundleWithin(source, fileName));
  last = turn.catch(() => {});
  const bundled = await turn;
  if ("problems" in bundled) throw new BadScriptError(fileName, bundled.problems);
  const { compiled } = bundled;
  return { compiled, hash: createHash("sha256").update(compiled).digest("hex") };
}

/** Starts the process before the first script. */
export function prepareCompiler(): void {
  last = last.then(() => runningCompiler()).catch(() => {});
}

function refuseAtOnce(source: string, fileName: string): void {
  const bytes = Buffer.byteLength(source);
  if (bytes > SOURCE_LIMIT_BYTES) {
    throw new BadScriptError(fileName, [{ path: fileName, remedy: `has ${bytes} bytes; a script may have at most ${SOURCE_LIMIT_BYTES}` }]);
  }
  const directives = sourceMapDirectives(source, fileName);
  if (directives.length > 0) throw new BadScriptError(fileName, directives);
}

/** A script that ends the process caused it: no process compiles more than 1 MB before it, and the limits are for ten times that. */
async function bundleWithin(source: string, fileName: string): Promise<Bundled> {
  clearTimeout(idle);
  const process = await runningCompiler();
  const limit = setTimeout(() => process.kill(), COMPILE_LIMIT_MS);
  const bundled = await process.compile(source, fileName);
  clearTimeout(limit);
  if (process.takenBytes > SOURCE_LIMIT_BYTES) endCompiler();
  else idle = setTimeout(endCompiler, IDLE_MS).unref();
  return bundled ?? { problems: [{ path: fileName, remedy: TOO_MUCH }] };
}

async function runningCompiler(mayTryAgain = true): Promise<CompilerProcess> {
  if (!compiler || compiler.hasEnded) compiler = new CompilerProcess();
  const started = compiler;
  const limit = setTimeout(() => started.kill(), START_LIMIT_MS);
  await started.ready;
  clearTimeout(limit);
  if (started.isReady) return started;
  if (mayTryAgain && (await confinementHere()) === undefined) return runningCompiler(false);
  throw new CompilerError();
}

function endCompiler(): void {
  compiler?.kill();
  compiler = undefined;
}
