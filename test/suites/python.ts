/** Python tests as JavaScript: see foreign-source.ts. */
import { readCode, runCode, withStrings } from "./foreign-source.ts";
import { OTHER, type Recorder } from "./recorder.ts";

const TEST =
  /(?:@pytest\.mark\.parametrize\(\s*(?<names>[^[]*?),\s*(?<rows>\[.*?\n\s*\]),?\s*\)\s*)?^(?<indent> *)def (?<name>test_\w+)\([^)]*\)[^:]*:\n(?<body>(?:(?:\k<indent> +[^\n]*)?\n)*)/gms;

/** About their own printing and parsing of times, and with a server that another file describes. */
const LEFT_OUT = new Set(["test_str_function", "test_parse_time_period", "test_sitemap_tree_for_homepage"]);

/** Runs the straight-line tests of a Python file; others are no JavaScript, and left out. `constants` are those of the test class. */
export function runPython(
  source: string,
  recorder: Recorder,
  names: Record<string, unknown>,
  constants: Record<string, string> = {},
): void {
  const code = readCode(source, "python");
  const own = {
    OTHER,
    constants,
    ...names,
    check: (actual: unknown) => recorder.equal(actual, true),
    refuse: (actual: unknown) => recorder.equal(actual, false),
    equal: (actual: unknown, expected: unknown) => recorder.equal(actual, expected),
    contains: (list: { url: string }[], page: { url: string }) =>
      recorder.equal(
        list.some(({ url }) => url === page.url),
        true,
      ),
    FORMAT: (text: string, values: Record<string, string>) =>
      text.replace(/\{(?:self\.)?(\w+)\}/g, (_, name) => values[name] ?? constants[name] ?? ""),
  };
  for (const { groups } of code.text.matchAll(TEST)) {
    const { name = "", body = "", names: parameters, rows } = groups ?? {};
    if (LEFT_OUT.has(name)) continue;
    recorder.begin(name);
    const script = toScript(body);
    const list = parameters && withStrings(code, parameters).replace(/[()"\s]/g, "");
    const whole =
      list && rows
        ? `for (const [${list}] of ${toScript(rows).replace(/\(/g, "[").replace(/\)/g, "]")}) { const values = {${list}}; ${script} }`
        : `const values = {}; ${script}`;
    runCode(withStrings(code, whole.replace(/FORMAT\((§\d+§)\)/g, "FORMAT($1, values)")), own, recorder);
  }
}

const toScript = (python: string): string =>
  python
    .replace(/\bself\.([A-Z_]+)\b/g, "constants.$1")
    .replace(/\bself\.(\w+)/g, (_, name) => CALLS[name] ?? "OTHER")
    .replace(/\.strip\(\)/g, ".trim()")
    .replace(/\.(?:encode|format)\([^()]*\)/g, "")
    .replace(/§\d+§\.join\(/g, "OTHER(")
    .replace(/^( *)assert (.*) in (\w+)$/gm, "$1contains($3, $2);")
    .replace(/^( *)assert not (.*)$/gm, "$1refuse($2);")
    .replace(/^( *)assert (.*?) (?:==|is) ([^=()]*)$/gm, "$1equal($2, $3);")
    .replace(/^( *)assert \((.*)\) == (.*)$/gm, "$1equal($2, $3);")
    .replace(/^( *)assert (.*)$/gm, "$1check($2);")
    .replace(/^( +)(\w+) = /gm, "$1var $2 = ")
    .replace(/\bnot /g, "!")
    .replace(/\bNone\b/g, "null")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false");

const CALLS: Record<string, string> = {
  assertTrue: "check",
  assertFalse: "refuse",
  assertEqual: "equal",
  assertEquals: "equal",
  parse: "parse",
};
