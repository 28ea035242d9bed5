import { join } from "node:path";
import { expect } from "./expect.ts";
import { NotOurs } from "./recorder.ts";
import { mayFetch, rulesOf } from "./robots.ts";
import { runTestFile } from "./run-javascript.ts";
import type { Suite } from "./suite.ts";

export const robotsParser: Suite = {
  name: "robots-parser",
  repository: "samclarke/robots-parser",
  version: "fc27a00",
  needs: "test/Robots.js",
  run: (root) => runTestFile(join(root, robotsParser.needs), { "../index": { default: createRobots }, chai: { expect } }),
};

/** The interface of robots-parser: undefined for addresses of other sites, and for invalid ones. */
function createRobots(home: string, contents: string) {
  const site = URL.parse(home, "http://site.test/");
  const isRelative = !URL.canParse(home);
  const isAllowed = (url: string, agent = "*") => {
    const address = URL.parse(url, isRelative ? "http://site.test/" : undefined);
    if (!site || address?.origin !== site.origin) return undefined;
    return mayFetch(contents ?? "", agent === "*" ? "" : agent, address.href);
  };
  const known: Record<string, unknown> = {
    isAllowed,
    isDisallowed: (url: string, agent?: string) => !isAllowed(url, agent),
    getCrawlDelay: (agent = "") => rulesOf(contents).crawlDelaySeconds(agent),
  };
  return new Proxy(known, {
    get(_, name) {
      if (!Object.hasOwn(known, name)) throw new NotOurs(String(name));
      return known[String(name)];
    },
  });
}
