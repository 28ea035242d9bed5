/** Commands that nobody would write. The seed is in each title; SEED repeats it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCurl } from "../../../../services/script/api/curl.ts";
import { shellWords } from "../../../../services/script/api/shell-words.ts";
import { createRandom, type Random, seedsOf } from "../../../fixtures/random.ts";

const ROUNDS = 2_000;
const CHARACTERS = [
  "a",
  "B",
  "7",
  " ",
  "\t",
  "\n",
  "'",
  '"',
  "\\",
  "$",
  "`",
  "!",
  "&",
  "=",
  "@",
  ":",
  ";",
  "%",
  "ä",
  "€",
  "😀",
  "\u0000",
  "-",
  "/",
  "^",
];
const PIECES = [
  "-H",
  "-X",
  "-d",
  "--data-raw",
  "--data-urlencode",
  "-b",
  "-u",
  "-kL",
  "-G",
  "-I",
  "--url",
  "--nonsense",
  "http://a.test/",
  "$'",
  "'",
  '"',
  "\\\n",
  "\\",
];

const textOf = (random: Random, most: number) => Array.from({ length: random.between(0, most) }, () => random.pick(CHARACTERS)).join("");

/** Ways to write one word, all of which bash reads as that word. */
const QUOTES: ((word: string) => string)[] = [
  (word) => `'${word.replaceAll("'", "'\\''")}'`,
  (word) => `"${word.replace(/[$`"\\]/g, "\\$&")}"`,
  (word) =>
    `$'${word
      .replace(/[\\']/g, "\\$&")
      .replaceAll("\n", "\\n")
      .replace(/[^ -~]/gu, (one) => `\\U${(one.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`)}'`,
  (word) => (word === "" ? "''" : word.replace(/./gsu, (one) => (one === "\n" ? "'\n'" : `\\${one}`))),
];

for (const seed of seedsOf(2)) {
  test(`words come out of quotes as they went in (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const words = Array.from({ length: random.between(1, 5) }, () => textOf(random, 12));
      const command = words.map((word) => random.pick(QUOTES)(word)).join(random.pick([" ", "  ", " \\\n ", "\t"]));

      assert.deepEqual(shellWords(command), words, command);
    }
  });

  test(`any command is read or refused (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < ROUNDS; round++) {
      const parts = Array.from({ length: random.between(1, 8) }, () => (random.next() < 0.7 ? random.pick(PIECES) : textOf(random, 6)));
      const command = `curl ${parts.join(random.pick([" ", ""]))}`;
      try {
        const { urls, options } = parseCurl(command);
        assert.ok(urls.length > 0 && Object.values(options.headers).every((value) => typeof value === "string"), command);
      } catch (error) {
        assert.ok(error instanceof TypeError, `${JSON.stringify(command)}: ${error}`);
      }
    }
  });
}
