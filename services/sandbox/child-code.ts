import { fileURLToPath } from "node:url";
import { build, type Plugin, stop } from "esbuild";

/** The two sources of a sandbox child, which may read no file. */
export interface ChildCode {
  /** A function of `require`, `process` and the runtime's source; runs in the outer realm. */
  main: string;
  /** A function of the host; runs in the context. */
  runtime: string;
}

let code: Promise<ChildCode> | undefined;

/** Bundled once per process, at first use (about 0.2 s). */
export function childCode(): Promise<ChildCode> {
  code ??= Promise.all([bundle("main", "(require, process, runtime)"), bundle("runtime", "(host)")]).then(([main, runtime]) => ({
    main,
    runtime,
  }));
  return code;
}

/** Bundles it ahead of time, and ends esbuild's process, which takes 23 MiB while it runs. For processes that compile nothing else. */
export async function prepareChildCode(): Promise<void> {
  await childCode();
  await stop();
}

const slimLabels: Plugin = {
  name: "encoding-labels",
  setup({ onResolve }) {
    const path = fileURLToPath(import.meta.resolve("../sdk/encoding-labels.ts"));
    onResolve({ filter: /^whatwg-encoding$/ }, () => ({ path }));
  },
};

async function bundle(name: "main" | "runtime", parameters: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(import.meta.resolve(`./child/${name}.ts`))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bundle",
    platform: "browser",
    target: "es2024",
    charset: "utf8",
    // Each child parses it again.
    minify: true,
    external: ["node:*"],
    plugins: [slimLabels],
    banner: { js: `(function ${parameters} { "use strict";` },
    footer: { js: `return bundle.${name === "main" ? "main" : "start"}${parameters}; })` },
  });
  return (outputFiles[0] as { text: string }).text;
}

/** Reads the first frame and runs its text with its body; this is the child's whole command line. */
export const BOOTSTRAP = `"use strict";
const { readSync } = require("node:fs");
const { Script } = require("node:vm");
const take = (length) => {
  const bytes = Buffer.allocUnsafe(length);
  for (let read = 0; read < length; ) read += readSync(0, bytes, read, length - read) || process.exit();
  return bytes;
};
const header = take(12);
const [main, runtime] = [take(header.readUInt32LE(0)), take(header.readUInt32LE(4))].map(String);
new Script(main, { filename: "orbweaver-child" }).runInThisContext()(require, process, runtime);`;
