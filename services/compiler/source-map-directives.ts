import type { Problem } from "../core/protocol/errors.ts";

/** The syntax that esbuild accepts: at the head of a comment. More white space than it allows is refused as well. */
const DIRECTIVE = /\/[/*][#@]\s*sourceMappingURL=/g;

/** Comments that name a source map: the compiler would read any file that one names. */
export const sourceMapDirectives = (source: string, fileName: string): Problem[] =>
  [...source.matchAll(DIRECTIVE)].map(({ index }) => {
    const lines = source.slice(0, index).split(/\r\n|[\n\r\u2028\u2029]/);
    return {
      path: `${fileName}:${lines.length}:${(lines.at(-1) ?? "").length + 1}`,
      remedy: "remove sourceMappingURL: a script cannot have its own source map (in a text, write it in two parts)",
    };
  });
