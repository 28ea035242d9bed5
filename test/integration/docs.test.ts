/** The guide's code: every block of TypeScript is type-checked, compiled and run, and gives what the guide says. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";
import { openShopAndEngine } from "../fixtures/shop-engine.ts";

const SHOP = "http://127.0.0.1:8080/";
/** Inside of the repository, so that "orbweaver" is found as it is for the examples. */
const CHECKED = join(ROOT, "node_modules/.cache/orbweaver-docs");

interface Block {
  /** A project's name. */
  name: string;
  /** The heading above it. */
  heading: string;
  /** A whole script; some blocks of the guide are the members of its class alone. */
  source: string;
  /** The JSON lines that follow the block. */
  results: unknown[] | undefined;
}

const blocks = ["scripts", "coming-from-pyspider"].flatMap(readBlocks);

function readBlocks(guide: string): Block[] {
  const text = readFileSync(join(ROOT, `docs/${guide}.md`), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```\n(?:\n```json\n(.*?)^```)?/gms)].map(({ 1: code = "", 2: json, index }) => ({
    name: `${guide.replaceAll("-", "_")}_${text.slice(0, index).split("\n").length}`,
    heading:
      text
        .slice(0, index)
        .match(/^#+ .*$/gm)
        ?.at(-1)
        ?.replace(/^#+ /, "") ?? guide,
    source: code.includes("export default class")
      ? code
      : `import { Crawler, type Response } from "orbweaver";\nexport default class Members extends Crawler {\n${code}}\n`,
    results: json
      ?.trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  }));
}

const { shop, engine } = await openShopAndEngine();

test("the guide's scripts have no type errors", () => {
  rmSync(CHECKED, { recursive: true, force: true });
  mkdirSync(CHECKED, { recursive: true });
  const examples = join(ROOT, "examples");
  const { compilerOptions } = JSON.parse(readFileSync(join(examples, "tsconfig.json"), "utf8"));
  const paths = { orbweaver: [join(ROOT, "services/sdk/api.ts")] };
  const include = [join(CHECKED, "*.ts"), join(examples, "globals.d.ts")];
  writeFileSync(join(CHECKED, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...compilerOptions, paths }, include }));
  for (const { name, source } of blocks) writeFileSync(join(CHECKED, `${name}.ts`), source);

  try {
    execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", CHECKED], { encoding: "utf8" });
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  }
});

for (const { name, heading, source, results } of blocks) {
  test(`the script under "${heading}" (${name}) runs${results ? " and gives what the guide shows" : ""}`, async () => {
    const crawled = await engine.crawl(name, source.replaceAll(SHOP, `${shop.origin}/`));

    assert.deepEqual(crawled.failures, []);
    assert.ok(crawled.results.length > 0, "it has results");
    const lines = crawled.results.map(({ result }) => JSON.stringify(result).replaceAll(`${shop.origin}/`, SHOP));
    if (results) assert.deepEqual(lines.sort(), results.map((result) => JSON.stringify(result)).sort());
  });
}
