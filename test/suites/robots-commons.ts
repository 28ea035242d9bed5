import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readCode, runCode } from "./foreign-source.ts";
import { bytesOf, javaNames, testsOf } from "./java.ts";
import { OTHER, Recorder } from "./recorder.ts";
import { mayFetch, rulesOf } from "./robots.ts";
import type { Suite } from "./suite.ts";

const SOURCES = "src/test/java/crawlercommons/robots";

export const commonsRobots: Suite = {
  name: "crawler-commons, robots",
  repository: "crawler-commons/crawler-commons",
  version: "8e14e27",
  needs: `${SOURCES}/SimpleRobotRulesParserTest.java`,
  run(root) {
    const recorder = new Recorder();
    const names = {
      ...javaNames(recorder),
      assertThrows: OTHER,
      createRobotRules: (agents: string | string[], robots: string | Uint8Array) => createRules([agents].flat()[0] ?? "", bytesOf(robots)),
      isUserAgentAllowed: mayFetch,
      isValidUserAgentToObey: OTHER,
      readFile: (path: string) => readFileSync(join(root, "src/test/resources", path)),
      SimpleRobotRulesParser: new Proxy(OTHER, {
        get: (_, name) => (name === "sanitizeRobotNames" ? (agents: string[]) => agents : OTHER),
      }),
      SimpleRobotRulesParserTest: { createRobotRules: (agent: string, robots: string) => createRules(agent, bytesOf(robots)) },
      SimpleRobotRules: OTHER,
      BaseRobotRules: OTHER,
      RobotsExtension: OTHER,
      Long: OTHER,
      FAKE_ROBOTS_URL: "http://domain.com",
    };
    for (const file of ["SimpleRobotRulesParserTest", "GoogleRobotsTxtTest"]) {
      const code = readCode(readFileSync(join(root, SOURCES, `${file}.java`), "utf8"), "java");
      for (const test of testsOf(code)) {
        recorder.begin(`${file}.${test.name}`);
        runCode(test.code, names, recorder);
      }
    }
    return recorder.outcomes;
  },
};

/** No delay, as crawler-commons writes it. */
const UNSET = Number.MIN_SAFE_INTEGER;

function createRules(agent: string, robots: Uint8Array) {
  const rules = rulesOf(robots);
  const known: Record<string, unknown> = {
    isAllowed: (url: string) => rules.allows(new URL(url), agent),
    getCrawlDelay: () => (rules.crawlDelaySeconds(agent) ?? UNSET / 1_000) * 1_000,
  };
  return new Proxy(known, { get: (_, name) => known[String(name)] ?? OTHER });
}
