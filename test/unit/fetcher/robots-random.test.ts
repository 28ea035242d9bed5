/** Texts that are no robots.txt, or nearly one. The seed is in each title; SEED repeats it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRobots } from "../../../services/fetcher/robots-rules.ts";
import { createRandom, seedsOf } from "../../fixtures/random.ts";

const ROUNDS = 2_000;
const PIECES = [
  "User-agent: ",
  "Disallow: ",
  "Allow: ",
  "Crawl-delay: ",
  "*",
  "$",
  "/",
  "a",
  "%61",
  "%",
  "%zz",
  "ä",
  "\ud800",
  "\n",
  "\r",
  "#",
  ":",
  " ",
  "-1",
  "1e999",
  "\u0000",
];

for (const seed of seedsOf(2)) {
  test(`any text is read (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const text = Array.from({ length: random.between(0, 30) }, () => random.pick(PIECES)).join("");
      const rules = parseRobots(`User-agent: *\n${text}`);
      const url = new URL(
        `http://a.test/${Array.from({ length: random.between(0, 6) }, () => random.pick(["a", "/", "b", "%61", "?"])).join("")}`,
      );

      assert.equal(typeof rules.allows(url, "Orbweaver/0.1"), "boolean");
      const delay = rules.crawlDelaySeconds("Orbweaver/0.1");
      assert.ok(delay === undefined || (delay > 0 && delay <= 60), String(delay));
    }
  });

  test(`a pattern matches as its regular expression does (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const pattern = `/${Array.from({ length: random.between(0, 8) }, () => random.pick(["a", "b", "/", "*", "*"])).join("")}${random.pick(["", "$"])}`;
      const path = `/${Array.from({ length: random.between(0, 10) }, () => random.pick(["a", "b", "/"])).join("")}`;
      const same = new RegExp(`^${pattern.replaceAll("*", ".*")}`);

      const isClosed = !parseRobots(`User-agent: *\nDisallow: ${pattern}`).allows(new URL(`http://a.test${path}`), "x");

      assert.equal(isClosed, same.test(new URL(`http://a.test${path}`).pathname), `${pattern} on ${path}`);
    }
  });
}
