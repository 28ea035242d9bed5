/** esbuild with the restrictions of scripts. Runs in the compiler's separate process. */
import { build, type Message, type Plugin } from "esbuild";
import type { Problem } from "../core/protocol/errors.ts";
import type { Bundled } from "./bundled.ts";

const API_NAMES = [
  ...["Crawler", "catchStatusCodeError", "config", "cron", "every"],
  ...["decodeText", "encodeForm", "encodeText", "hash", "parseDocument", "parseJson"],
];

/**
 * TypeScript with decorators -> plain JavaScript for the sandbox. Types are removed, not checked.
 *
 * @param fileName the script's name in problems and stack traces: `books.ts`.
 */
export async function bundle(source: string, fileName: string): Promise<Bundled> {
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
    return { compiled: (outputFiles[0] as { text: string }).text };
  } catch (error) {
    const messages = (error as { errors?: Message[] }).errors;
    if (!messages) throw error;
    return { problems: messages.map((message) => toProblem(message, fileName)) };
  }
}

const ENTRY = "<entry>";
/** esbuild reads the file of the last source map comment. This empty one prevents that. */
const TAIL = "export {};\n//# sourceMappingURL=data:application/json,{}";
const ONLY_IMPORT = 'import only from "orbweaver": scripts run in a sandbox without modules or packages';

/** The script's two modules: the script, and the API, whose names are looked up at run time. */
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
      esbuild.onLoad({ filter: /.*/, namespace: "script" }, () => ({ contents: `${source}\n${TAIL}`, loader: "ts" }));
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
  [/direct eval/, "remove eval: the sandbox cannot compile texts"],
  [/^Top-level await/, "remove the top-level await: a script cannot wait while it is loaded"],
];

function toProblem({ text, location, notes }: Message, fileName: string): Problem {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(text))?.[1] ?? text;
  const places = [location, ...notes.map((note) => note.location)];
  const place = places.find((one) => one?.file === `script:${fileName}`);
  return { path: place ? `${fileName}:${place.line}:${place.column + 1}` : `${fileName}:1:1`, remedy };
}
