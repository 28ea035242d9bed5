/** Tracked texts avoid the phrases that CONTRIBUTING.md lists, so that a reader with English as a second language understands them. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";

/** Texts of others, and this test's own examples. */
const FOREIGN = /^(package-lock\.json|(?:packages\/[^/]+\/)?LICENSE|test\/unit\/language\.test\.ts)$/;

/** The user `nobody` of the operating system, in quotes or as an argument of a command. */
const USER_NAME = /(["'`])nobody\1|(?<=chown -R |-o |\/bin\/sh )nobody\b/g;

interface Phrase {
  text: string;
  instead: string;
}

const phrases = listedPhrases(read("CONTRIBUTING.md"));
/** Tells in one pass that a file has none of them, as nearly all files do. */
const anyPhrase = new RegExp(phrases.map(({ text }) => patternOf(text).source).join("|"));
const tracked = trackedTexts();

test("CONTRIBUTING.md lists phrases, each once and with what to write instead", () => {
  const texts = phrases.map(({ text }) => text);

  assert.ok(texts.length > 20);
  assert.deepEqual([...new Set(texts)], texts);
  assert.deepEqual(
    phrases.filter(({ instead }) => instead === ""),
    [],
  );
});

test("tracked texts have none of the listed phrases", {
  skip: tracked === undefined && "git does not list the files of this checkout",
}, () => {
  const found = (tracked ?? []).flatMap((file) => phrasesIn(file, checkedText(file)));

  assert.deepEqual(found, [], `${found.length} phrases of the list in CONTRIBUTING.md`);
});

test("a phrase is found at the start of a sentence and across a comment's line break, but not inside a word", () => {
  const text = "/**\n * Nobody waits. It is read by\n * and by; the ombudsmen mends.\n */";

  const found = phrasesIn("a.ts", text);

  assert.deepEqual(
    found.map((line) => line.split(":").slice(0, 3).join(":")),
    ['a.ts:2: "by and by"', 'a.ts:3: "mends"', 'a.ts:2: "nobody"'],
  );
});

/** The rows of the table under "phrase | write instead". */
function listedPhrases(text: string): Phrase[] {
  const [, table = ""] = /\| phrase \| write instead \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(text) ?? [];
  return [...table.matchAll(/^\| (.+?) \| (.*?) \|$/gm)].map(([, phrase = "", instead = ""]) => ({ text: phrase, instead }));
}

/** `file:line: "phrase": write …` for each listed phrase. Line breaks inside a phrase may be followed by a comment's prefix. */
function phrasesIn(file: string, text: string): string[] {
  if (!anyPhrase.test(text)) return [];
  return phrases.flatMap((phrase) =>
    [...text.matchAll(patternOf(phrase.text))].map(({ index }) => {
      const line = text.slice(0, index).split("\n").length;
      return `${file}:${line}: "${phrase.text}": write ${phrase.instead}`;
    }),
  );
}

/** Only the first letter may be a capital: names such as `AS_NOBODY` are identifiers. */
function patternOf(phrase: string): RegExp {
  const [first = ""] = phrase;
  const rest = phrase.slice(1).replaceAll(" ", String.raw`\s+(?:(?:\*|//|#|--)\s+)?`);
  return new RegExp(String.raw`(?<![\w-])[${first}${first.toUpperCase()}]${rest}(?![\w-])`, "g");
}

/** Undefined outside of a git checkout, and in one that git does not trust because another user owns it. */
function trackedTexts(): string[] | undefined {
  const { status, stdout } = spawnSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) return undefined;
  const files = stdout.split("\0").filter(Boolean);
  return files.filter((file) => !FOREIGN.test(file));
}

/** A file's text without the list itself, names of users and entries of released versions; empty for a binary file. */
function checkedText(file: string): string {
  const text = read(file);
  if (text.includes("\0")) return "";
  if (file === "CONTRIBUTING.md") return text.replace(/^\| .* \|$/gm, "");
  if (file === "CHANGELOG.md") return text.split(/^## (?!Unreleased)/m)[0] ?? "";
  return text.replace(USER_NAME, "");
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
