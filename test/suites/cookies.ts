import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mock } from "node:test";
import { parseDate } from "tough-cookie";
import { ChainCookies } from "../../services/fetcher/chain-cookies.ts";
import { Recorder } from "./recorder.ts";
import type { Suite } from "./suite.ts";

interface CookieCase {
  test: string;
  received: string[];
  sent: { name: string; value: string }[];
  "sent-to"?: string;
}

const HOME = "http://home.example.org:8888";

/** The browser of the suite asks for one page, which sets the cookies, and then for the next one. */
export const cookies: Suite = {
  name: "http-state, cookies",
  repository: "abarth/http-state",
  version: "155e45c",
  needs: "tests/data/parser.json",
  run(root) {
    const recorder = new Recorder();
    const read = (name: string) => JSON.parse(readFileSync(join(root, "tests/data", name), "utf8").replace(/^\s*\/\/.*$/gm, ""));
    // The suite's dates of 2019 are in the future.
    mock.timers.enable({ apis: ["Date"], now: Date.UTC(2011, 0, 1) });
    for (const { test, received, sent, "sent-to": target } of read("parser.json") as CookieCase[]) {
      recorder.begin(test);
      const [first, next] = [new URL(`${HOME}/cookie-parser?${test}`), new URL(target ?? `/cookie-parser-result?${test}`, HOME)];
      const jar = new ChainCookies(first, undefined, undefined);
      // Headers are bytes, one character each.
      jar.store(
        received.map((line) => Buffer.from(line).toString("latin1")),
        first,
      );
      const expected = sent.map(({ name, value }) => (name === "" ? value : `${name}=${value}`)).join("; ");
      recorder.equal(Buffer.from(jar.headerFor(next) ?? "", "latin1").toString(), expected);
    }
    mock.timers.reset();
    for (const file of ["dates/examples.json", "dates/bsd-examples.json"]) {
      recorder.begin(file);
      for (const { test, expected } of read(file) as { test: string; expected: string | null }[])
        recorder.equal(parseDate(test)?.toUTCString() ?? null, expected);
    }
    return recorder.outcomes;
  },
};
