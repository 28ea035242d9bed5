import assert from "node:assert/strict";
import { test } from "node:test";
import { compileScript } from "../../../services/compiler/compile.ts";
import { BadInputError } from "../../../services/core/protocol/errors.ts";

const CLASS = `import { Crawler } from "orbweaver";\nexport default class Books extends Crawler {}\n`;

async function problemsOf(source: string): Promise<string[]> {
  const error = await compileScript(source, "books.ts").then(
    () => assert.fail("it was compiled"),
    (refusal: unknown) => refusal,
  );
  assert.ok(error instanceof BadInputError);
  return error.problems.map(({ path, remedy }) => `${path} ${remedy}`);
}

test("types and decorators are removed by the compiler", async () => {
  const { compiled, hash } = await compileScript(
    `import { Crawler, config, type Response } from "orbweaver";
     export default class Books extends Crawler { @config({ age: "1d" }) page(response: Response): string { return response.url as string; } }`,
    "books.ts",
  );

  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.doesNotMatch(compiled, /: Response|@config|as string|^import /m);
});

test("the hash depends on the source", async () => {
  const hashOf = async (source: string) => (await compileScript(source, "books.ts")).hash;

  assert.equal(await hashOf(CLASS), await hashOf(CLASS));
  assert.notEqual(await hashOf(CLASS), await hashOf(CLASS.replace("Books", "Shelf")));
});

const ALONE = /import only from "orbweaver"/;
const refused: { title: string; source: string; problems: [place: string, remedy: RegExp][] }[] = [
  { title: "a syntax error", source: "const a: number = ;", problems: [["books.ts:1:19", /Unexpected ";"/]] },
  { title: "another import", source: `import fs from "node:fs";\nfs.readFileSync("/");\n${CLASS}`, problems: [["books.ts:1:16", ALONE]] },
  { title: "a relative import", source: `import "./other.ts";\n${CLASS}`, problems: [["books.ts:1:8", ALONE]] },
  { title: "a re-export", source: `export * from "other";\n${CLASS}`, problems: [["books.ts:1:15", ALONE]] },
  { title: "require", source: `${CLASS}require("fs");`, problems: [["books.ts:3:9", ALONE]] },
  { title: "require of something computed", source: `${CLASS}require(String(1));`, problems: [["books.ts:3:1", ALONE]] },
  { title: "require under another name", source: `${CLASS}const load = require;\nload(1);`, problems: [["books.ts:3:14", ALONE]] },
  { title: "a dynamic import", source: `${CLASS}import("fs");`, problems: [["books.ts:3:8", ALONE]] },
  { title: "a dynamic import of something computed", source: `${CLASS}import(String(1));`, problems: [["books.ts:3:1", ALONE]] },
  { title: "a dynamic import of the API", source: `${CLASS}import("orbweaver");`, problems: [["books.ts:3:8", ALONE]] },
  { title: "eval", source: `${CLASS}eval("1");`, problems: [["books.ts:3:1", /remove eval/]] },
  { title: "a top-level await", source: `${CLASS}await null;`, problems: [["books.ts:3:1", /remove the top-level await/]] },
  {
    title: "a script without default export",
    source: "const a = 1;",
    problems: [["books.ts:1:1", /export default class … extends Crawler/]],
  },
  {
    title: "a name that the API lacks",
    source: `import { Crawler, Spider } from "orbweaver";\nexport default class extends Crawler { a = Spider; }`,
    problems: [["books.ts:1:19", /orbweaver exports Crawler, catchStatusCodeError, config, cron, every/]],
  },
  {
    title: "several things at once",
    source: `import "a";\nimport "b";\n${CLASS}`,
    problems: [
      ["books.ts:1:8", ALONE],
      ["books.ts:2:8", ALONE],
    ],
  },
];

for (const { title, source, problems } of refused) {
  test(`${title} is refused with its place and a remedy`, async () => {
    const found = await problemsOf(source);

    assert.equal(found.length, problems.length, found.join("\n"));
    for (const [index, [place, remedy]] of problems.entries()) {
      const [at, ...rest] = (found[index] as string).split(" ");
      assert.equal(at, place);
      assert.match(rest.join(" "), remedy);
    }
  });
}

test("a source above 1 MB is refused with its size", async () => {
  assert.match((await problemsOf(`${CLASS}//${"x".repeat(1_000_000)}`))[0] ?? "", /has 10000\d\d bytes; a script may have at most 1000000/);
});
