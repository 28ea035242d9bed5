import { createHash } from "node:crypto";
import { build, type Message, type Plugin } from "esbuild";
import type { Problem } from "../core/errors.ts";
import { BadScriptError } from "./errors.ts";

const SOURCE_LIMIT_BYTES = 1_000_000;
const API_NAMES = ["Crawler", "catchStatusCodeError", "config", "cron", "every"];

/** A script as processors run it. */
export interface CompiledScript {
  /** A function of the script API that returns the script's class, with an inline source map. */
  compiled: string;
  /** SHA-256 (hex) of `compiled`. */
  hash: string;
}

/**
 * TypeScript with decorators -> plain JavaScript for the sandbox. Types are removed, not checked.
 *
 * @param fileName how problems and stacks call the script: `books.ts`.
 * @throws BadScriptError with all problems at once, each with `file:line:column`.
 */
export async function compileScript(source: string, fileName: string): Promise<CompiledScript> {
  const bytes = Buffer.byteLength(source);
  if (bytes > SOURCE_LIMIT_BYTES) {
    throw new BadScriptError(fileName, [{ path: fileName, remedy: `has ${bytes} bytes; a script may have ${SOURCE_LIMIT_BYTES}` }]);
  }
  const compiled = await bundle(source, fileName);
  return { compiled, hash: createHash("sha256").update(compiled).digest("hex") };
}

async function bundle(source: string, fileName: string): Promise<string> {
  try {
    const { outputFiles } = await build({
      stdin: { contents: `import script from "script"; export default script;`, sourcefile: ENTRY },
      bundle: true,
      write: false,
      format: "iife",
      globalName: "script",
      platform: "neutral",
      target: "es2024",
      charset: "utf8",
      sourcemap: "inline",
      sourcesContent: false,
      logLevel: "silent",
      tsconfigRaw: "{}",
      supported: { decorators: false, "dynamic-import": false },
      logOverride: {
        "unsupported-dynamic-import": "error",
        "unsupported-require-call": "error",
        "indirect-require": "error",
        "direct-eval": "error",
      },
      plugins: [modulesOf(source, fileName)],
      banner: { js: `(function (orbweaver) { "use strict";` },
      footer: { js: "return script.default; })" },
    });
    return (outputFiles[0] as { text: string }).text;
  } catch (error) {
    const messages = (error as { errors?: Message[] }).errors;
    if (!messages) throw error;
    throw new BadScriptError(
      fileName,
      messages.map((message) => toProblem(message, fileName)),
    );
  }
}

const ENTRY = "<entry>";
const ONLY_IMPORT = 'import from "orbweaver" alone: scripts run in a sandbox without modules or packages';

/** The script's two modules: itself, and the API, whose names are looked up when it runs. */
function modulesOf(source: string, fileName: string): Plugin {
  const api = `export const { ${API_NAMES.join(", ")} } = orbweaver;`;
  return {
    name: "orbweaver",
    setup(esbuild) {
      esbuild.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (importer === ENTRY) return { path: fileName, namespace: "script" };
        if (path === "orbweaver" && kind === "import-statement") return { path, namespace: "api" };
        return { errors: [{ text: ONLY_IMPORT }] };
      });
      esbuild.onLoad({ filter: /.*/, namespace: "script" }, () => ({ contents: `${source}\nexport {};`, loader: "ts" }));
      esbuild.onLoad({ filter: /.*/, namespace: "api" }, () => ({ contents: api, loader: "js" }));
    },
  };
}

const REMEDIES: [pattern: RegExp, remedy: string][] = [
  [
    /^No matching export in "script:.*" for import "default"/,
    'write `export default class … extends Crawler` with Crawler from "orbweaver"',
  ],
  [/^No matching export in "api:.*" for import "(.*)"/, `orbweaver exports ${API_NAMES.join(", ")} and types`],
  [/^(This "import" expression|This call to "require"|Indirect calls to "require"|Converting "require")/, ONLY_IMPORT],
  [/direct eval/, "leave out eval: code is not made from texts in the sandbox"],
  [/^Top-level await/, "leave out the top-level await: nothing can be waited for while a script is loaded"],
];

function toProblem({ text, location, notes }: Message, fileName: string): Problem {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(text))?.[1] ?? text;
  const places = [location, ...notes.map((note) => note.location)];
  const place = places.find((one) => one?.file === `script:${fileName}`);
  return { path: place ? `${fileName}:${place.line}:${place.column + 1}` : `${fileName}:1:1`, remedy };
}
