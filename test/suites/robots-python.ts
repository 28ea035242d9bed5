import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runPython } from "./python.ts";
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
        len: OTHER,
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
