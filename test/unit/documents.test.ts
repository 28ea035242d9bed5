/** The documents stay short and readable, and their links resolve. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";
import { anchorsOf, chapterOf, relativeLinksOf } from "../fixtures/markdown.ts";
import { sentencesOf, wordCount } from "../fixtures/sentences.ts";

const MAX_README_LINES = 110;
const MAX_SENTENCE_WORDS = 25;
const MAX_MEAN_WORDS = 17;
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const guides = globSync("docs/*.md", { cwd: ROOT });
const chapters = globSync("docs/architecture/*.md", { cwd: ROOT });
const packages = globSync("packages/*/README.md", { cwd: ROOT });
const documents = globSync(["*.md", "docs/**/*.md", "{services,examples,packages/*}/README.md"], { cwd: ROOT });

test(`README.md has at most ${MAX_README_LINES} lines`, () => {
  assert.ok(read("README.md").trimEnd().split("\n").length <= MAX_README_LINES);
});

test("README.md links to every guide in docs", () => {
  const links = relativeLinksOf(read("README.md"));

  assert.ok(guides.length > 0);
  for (const guide of guides) assert.ok(links.includes(guide), guide);
});

for (const document of documents) {
  test(`every link of ${document} to a file or heading of the repository resolves`, () => {
    assert.deepEqual(
      relativeLinksOf(read(document)).filter((target) => !resolves(document, target)),
      [],
    );
  });
}

/** Whether the file exists, and has the heading if the target names one. */
function resolves(document: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? document : relative(ROOT, join(ROOT, dirname(document), path));
  return existsSync(join(ROOT, file)) && (anchor === undefined || anchorsOf(read(file)).includes(anchor));
}

for (const document of ["README.md", "ARCHITECTURE.md", ...guides, ...chapters, ...packages]) {
  test(`sentences of ${document} have at most ${MAX_SENTENCE_WORDS} words`, () => {
    assert.deepEqual(
      sentencesOf(read(document)).filter((sentence) => wordCount(sentence) > MAX_SENTENCE_WORDS),
      [],
    );
  });
}

for (const [which, group] of [
  ["all documents", documents],
  ["the architecture", ["ARCHITECTURE.md", ...chapters]],
] as const) {
  test(`sentences of ${which} have at most ${MAX_MEAN_WORDS} words on average`, (t) => {
    const counts = group.map((document) => ({ document, words: sentencesOf(read(document)).map(wordCount) }));
    for (const { document, words } of counts) t.diagnostic(`${document}: ${mean(words).toFixed(1)} words on average`);

    assert.ok(mean(counts.flatMap(({ words }) => words)) <= MAX_MEAN_WORDS);
  });
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

test("a sentence ends at its full stop, and code counts as one word", () => {
  const text = "# A title\nOne `a.b c`, two.\nThree? [Four](a.md)\n\n- five\n- **six** seven\n\n| a table |\n|---|\n";

  const counts = sentencesOf(text).map((sentence) => [sentence, wordCount(sentence)]);

  assert.deepEqual(counts, [
    ["One code, two.", 3],
    ["Three?", 1],
    ["Four", 1],
    ["five", 1],
    ["six seven", 2],
  ]);
});

test("anchors equal those of GitHub", () => {
  const text = "# A fleet\n```sh\n# a comment\n```\n## States, and `what`\n## Limits\n## Limits\n";

  assert.deepEqual(anchorsOf(text), ["a-fleet", "states-and-what", "limits", "limits-1"]);
});

test("links in code and to other sites are ignored", () => {
  const text = "[a](b.md#c) ![d](e.png) `[f](g.md)` [h](https://example.org) [i](#j)\n```sh\n[k](l.md)\n```\n";

  assert.deepEqual(relativeLinksOf(text), ["b.md#c", "e.png", "#j"]);
});

test("a chapter ends at the next heading of its level", () => {
  assert.equal(chapterOf("# T\n## A\none\n### B\ntwo\n## C\nthree\n", "A"), "one\n### B\ntwo\n");
  assert.throws(() => chapterOf("## A\n", "B"), /no chapter "B"/);
});
