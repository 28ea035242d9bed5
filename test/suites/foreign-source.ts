/** Test sources in C++, Java and Python, as code that can be run here: their straight-line tests differ from JavaScript in little. */
import { compileFunction } from "node:vm";
import type { Recorder } from "./recorder.ts";

export type Language = "c++" | "java" | "python";

const STRINGS: Record<Language, RegExp> = {
  "c++": /\/\/[^\n]*|\/\*.*?\*\/|"(?<text>(?:[^"\\\n]|\\.)*)"/gs,
  java: /\/\/[^\n]*|\/\*.*?\*\/|"(?<text>(?:[^"\\\n]|\\.)*)"/gs,
  python: /#[^\n]*|(?<!\w)(?<prefix>[bfru]{0,2})(?:"""(?<a>.*?)"""|'''(?<b>.*?)'''|"(?<c>(?:[^"\\\n]|\\.)*)"|'(?<d>(?:[^'\\\n]|\\.)*)')/gs,
};

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", "0": "\0", "\n": "" };

const unescapeText = (text: string) =>
  text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|(.))/gs, (_, byte, unit, sign) =>
    sign === undefined ? String.fromCharCode(Number.parseInt(byte ?? unit, 16)) : (ESCAPES[sign] ?? sign),
  );

/** Code without comments, with `§0§` for the first string; neighbours are added together. */
export interface Code {
  text: string;
  strings: string[];
}

export function readCode(source: string, language: Language): Code {
  const strings: string[] = [];
  const text = source.replace(STRINGS[language], (...match) => {
    const { prefix = "", text: plain, a, b, c, d } = match.at(-1) as Record<string, string | undefined>;
    const said = plain ?? a ?? b ?? c ?? d;
    if (said === undefined) return "";
    strings.push(/r/i.test(prefix) ? said : unescapeText(said));
    return /f/i.test(prefix) ? `FORMAT(§${strings.length - 1}§)` : `§${strings.length - 1}§`;
  });
  return {
    text: text.replace(/§(?=\s*(?:§|FORMAT\())(?<=\d§)/g, "§ + ").replace(/(?<=FORMAT\(§\d+§\))(?=\s*(?:§|FORMAT))/g, " + "),
    strings,
  };
}

/** Puts the strings back. */
export const withStrings = ({ strings }: Code, text: string): string =>
  text.replace(/§(\d+)§/g, (_, index) => JSON.stringify(strings[Number(index)]));

/** The text between the brace at `open` and its partner. */
export function blockAt(text: string, open: number): string {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth === 0) return text.slice(open + 1, at);
  }
  return text.slice(open + 1);
}

/** Runs a test's code with these names. What is no JavaScript is left out; errors are the recorder's. */
export function runCode(code: string, names: Record<string, unknown>, recorder: Recorder): void {
  let run: (...values: unknown[]) => void;
  try {
    run = compileFunction(code, Object.keys(names)) as typeof run;
  } catch {
    return;
  }
  try {
    run(...Object.values(names));
  } catch (error) {
    recorder.fail(error);
  }
}
