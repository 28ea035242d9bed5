/** Runs the public suites in a folder: `node test/suites/main.ts DIR`. Exits with 1 if a miss is not listed, or no suite is there. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { SUITES } from "./list.ts";
import { judge, type KnownMisses, type Suite, type Verdict } from "./suite.ts";

const known: KnownMisses = JSON.parse(readFileSync(new URL("known-misses.json", import.meta.url), "utf8"));

const directory = resolve(process.argv[2] ?? "");
let ran = 0;
let unlisted = 0;
for (const suite of SUITES) {
  const root = join(directory, basename(suite.repository));
  if (!existsSync(join(root, suite.needs))) {
    console.log(`${suite.name}: skipped, there is no ${join(root, suite.needs)}`);
    continue;
  }
  const verdict = judge(await suite.run(root), known[suite.name] ?? {});
  ran++;
  unlisted += verdict.unlisted.length;
  console.log(describe(suite, verdict));
}
console.log(`${ran} of ${SUITES.length} suites ran, ${unlisted} misses are not listed in test/suites/known-misses.json`);
process.exitCode = ran === 0 || unlisted > 0 ? 1 : 0;

function describe({ name }: Suite, { cases, passed, known, unlisted, outdated }: Verdict): string {
  return [
    `${name}: ${passed} of ${cases} cases passed, ${known} known misses, ${unlisted.length} new`,
    ...unlisted.map((miss) => `  new miss: ${miss}`),
    ...outdated.map((id) => `  no longer a miss: ${id}`),
  ].join("\n");
}
