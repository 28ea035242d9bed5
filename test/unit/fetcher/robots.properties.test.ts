/** Texts that are no robots.txt, or nearly one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseRobots } from "../../../services/fetcher/robots-rules.ts";
import { anyText, textOf } from "../../fixtures/arbitraries.ts";

const PIECES = [
  ...["User-agent: ", "Disallow: ", "Allow: ", "Crawl-delay: ", "orbweaver", "*", "$", "/", "a", "%61", "%", "%zz"],
  ...["\n", "\r", "#", ":", " ", "-1", "1e999", "0.5"],
];
const PATH_PIECES = ["a", "/", "b", "%61", "?", "%", "ä"];

test("any text is parsed as rules or as an empty set", () => {
  fc.assert(
    fc.property(textOf(PIECES), textOf(PATH_PIECES, 6), anyText(), (text, path, userAgent) => {
      const rules = parseRobots(`User-agent: *\n${text}`);

      assert.equal(typeof rules.allows(new URL(`http://a.test/${path}`), userAgent), "boolean");
      const delay = rules.crawlDelaySeconds(userAgent);
      assert.ok(delay === undefined || (delay > 0 && delay <= 60), String(delay));
    }),
  );
});

const signs = (choices: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...choices), maxLength });

test("a pattern matches like its regular expression", () => {
  fc.assert(
    fc.property(signs("ab/**", 8), fc.constantFrom("", "$"), signs("ab/", 10), (start, end, rest) => {
      const [pattern, { pathname, href }] = [`/${start}${end}`, new URL(`http://a.test/${rest}`)];
      const same = new RegExp(`^${pattern.replaceAll("*", ".*")}`);

      const isClosed = !parseRobots(`User-agent: *\nDisallow: ${pattern}`).allows(new URL(href), "x");

      assert.equal(isClosed, same.test(pathname));
    }),
  );
});
