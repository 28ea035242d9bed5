import { dirname, join, relative } from "node:path";
import ts from "typescript-browser";
import type { Plugin } from "vite";
import { ROOT } from "../../../core/runtime/checkout.ts";
import { COMPILER_OPTIONS } from "../editor/compiler-options.ts";
import { API_FILE, GLOBALS_FILE, LIB_FOLDER, type ScriptTypes } from "../editor/script-types.ts";

const LIBRARY = dirname(ts.getDefaultLibFilePath(COMPILER_OPTIONS));
const MODULE = "virtual:script-types";

/** `import url from "virtual:script-types"`: the address of a JSON file with `ScriptTypes`. */
export const bundledTypes = (): Plugin => ({
  name: "bundled-types",
  resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
  load(id) {
    if (id !== `\0${MODULE}`) return undefined;
    const reference = this.emitFile({ type: "asset", name: "script-types.json", source: JSON.stringify(collectTypes()) });
    return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
  },
});

/** Everything that the script API's files and their imports declare. */
export function collectTypes(): ScriptTypes {
  const imports: ScriptTypes["imports"] = {};
  const host = ts.createCompilerHost(COMPILER_OPTIONS);
  host.resolveModuleNameLiterals = (specifiers, from, _redirect, options) =>
    specifiers.map(({ text }) => {
      const answer = ts.resolveModuleName(text, from, options, host);
      if (answer.resolvedModule) {
        imports[nameOf(from)] ??= {};
        Object.assign(imports[nameOf(from)] ?? {}, { [text]: nameOf(answer.resolvedModule.resolvedFileName) });
      }
      return answer;
    });
  const program = ts.createProgram([join(ROOT, API_FILE), join(ROOT, GLOBALS_FILE)], COMPILER_OPTIONS, host);
  const files = Object.fromEntries(program.getSourceFiles().map(({ fileName, text }) => [nameOf(fileName), text]));
  return { files, imports };
}

/** No name has a part of this machine's paths. */
function nameOf(path: string): string {
  const inLibrary = relative(LIBRARY, path);
  return inLibrary.startsWith("..") ? `/${relative(ROOT, path)}` : `${LIB_FOLDER}/${inLibrary}`;
}
