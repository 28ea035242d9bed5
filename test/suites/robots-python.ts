import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCode, runCode, withStrings } from "./foreign-source.ts";
import { OTHER, Recorder } from "./recorder.ts";
import { mayFetch, rulesOf } from "./robots.ts";
import type { Suite } from "./suite.ts";

export const protego: Suite = {
  name: "protego",
  repository: "scrapy/protego",
  version: "81f1b35",
  needs: "tests/test_protego.py",
  run(root) {
    const recorder = new Recorder();
    const parse = (content: string) => ({
      can_fetch: (url: string, agent: string) => mayFetch(content, agent === "*" ? "" : agent, url),
      crawl_delay: (agent: string) => rulesOf(content).crawlDelaySeconds(agent === "*" ? "" : agent) ?? null,
      request_rate: OTHER,
      visit_time: OTHER,
      sitemaps: OTHER,
      preferred_host: OTHER,
    });
    for (const file of [protego.needs, "tests/test_on_google_spec.py"])
      runPython(readFileSync(join(root, file), "utf8"), recorder, {
        Protego: { parse },
        _parse_time_period: OTHER,
        list: OTHER,
        time: OTHER,
      });
    return recorder.outcomes;
  },
};

export const reppy: Suite = {
  name: "reppy",
  repository: "seomoz/reppy",
  version: "e92f22e",
  needs: "tests/test_robots.py",
  run(root) {
    const recorder = new Recorder();
    const rules = (content: string) => ({
      allowed: (url: string, agent: string) => mayFetch(content, agent, url),
      agent: (agent: string) => ({ delay: rulesOf(content).crawlDelaySeconds(agent) ?? null }),
      sitemaps: OTHER,
      expired: OTHER,
      ttl: OTHER,
    });
    const agent = (content: string, name: string) => ({ allowed: (url: string) => mayFetch(content, name, url) });
    const Agent = () => ({ allow: () => Agent(), disallow: () => Agent(), allowed: () => OTHER });
    const Robots = { parse: (_: string, content: string) => rules(content), robots_url: OTHER };
    const robots = { Robots, Agent, AllowNone: OTHER, AllowAll: OTHER };
    for (const file of [reppy.needs, "tests/test_agent.py"])
      runPython(readFileSync(join(root, file), "utf8"), recorder, {
        robots,
        Agent,
        parse: agent,
        codecs: OTHER,
        requests_fixtures: OTHER,
        len: OTHER,
        str: OTHER,
      });
    return recorder.outcomes;
  },
};

const TEST =
  /(?:@pytest\.mark\.parametrize\(\s*(?<names>[^[]*?),\s*(?<rows>\[.*?\n\s*\]),?\s*\)\s*)?^(?<indent> *)def (?<name>test_\w+)\([^)]*\)[^:]*:\n(?<body>(?:(?:\k<indent> +[^\n]*)?\n)*)/gms;

/** About their own printing and parsing of times. */
const LEFT_OUT = new Set(["test_str_function", "test_parse_time_period"]);

/** Runs the straight-line tests of a Python file; others are no JavaScript, and left out. */
function runPython(source: string, recorder: Recorder, names: Record<string, unknown>): void {
  const code = readCode(source, "python");
  const own = {
    OTHER,
    ...names,
    check: (actual: unknown) => recorder.equal(actual, true),
    refuse: (actual: unknown) => recorder.equal(actual, false),
    equal: (actual: unknown, expected: unknown) => recorder.equal(actual, expected),
    FORMAT: (text: string, values: Record<string, string>) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? ""),
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
    .replace(/\bself\.(\w+)/g, (_, name) => CALLS[name] ?? "OTHER")
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
