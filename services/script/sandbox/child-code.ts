import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";

/** The two sources that a sandbox child is started with: it may read no file. */
export interface ChildCode {
  /** A function of `require`, `process` and the runtime's source; runs in the outer realm. */
  main: string;
  /** A function of the host; runs in the context. */
  runtime: string;
}

let code: Promise<ChildCode> | undefined;

/** Bundled once in a process, at first use (some 0.2 s). */
export function childCode(): Promise<ChildCode> {
  code ??= Promise.all([bundle("main", "(require, process, runtime)"), bundle("runtime", "(host)")]).then(([main, runtime]) => ({
    main,
    runtime,
  }));
  return code;
}

/** Makes it ahead, and ends esbuild's process, which takes 23 MiB as long as it runs. For processes that compile nothing else. */
export async function prepareChildCode(): Promise<void> {
  await childCode();
  await stop();
}

async function bundle(name: "main" | "runtime", parameters: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(import.meta.resolve(`../child/${name}.ts`))],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "bundle",
    platform: "browser",
    target: "es2024",
    charset: "utf8",
    // Each child reads it anew.
    minify: true,
    external: ["node:*"],
    banner: { js: `(function ${parameters} { "use strict";` },
    footer: { js: `return bundle.${name === "main" ? "main" : "start"}${parameters}; })` },
  });
  return (outputFiles[0] as { text: string }).text;
}

/** Reads the first frame and runs its text with its body; all that stands on the child's command line. */
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
