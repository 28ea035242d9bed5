import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { ScriptUrl, ScriptUrlSearchParams } from "../../services/sandbox/child/url.ts";
import { labelToName } from "../../services/sdk/encoding-labels.ts";
import { connectTestHost } from "../fixtures/script-host.ts";
import { Recorder } from "./recorder.ts";
import { numbered } from "./run-javascript.ts";
import type { Outcome, Suite } from "./suite.ts";

/** As Node 20.19.2 has it in test/fixtures/wpt; versions.json there names the commits. */
const VERSION = "url 67880a4, encoding 1ac8dee";

export const searchParams: Suite = {
  name: "wpt, URLSearchParams",
  repository: "web-platform-tests/wpt",
  version: VERSION,
  needs: "url/urlsearchparams-constructor.any.js",
  async run(root) {
    connectTestHost();
    const files = readdirSync(join(root, "url")).filter((name) => /^(?:urlsearchparams-|url-searchparams|urlencoded-parser).*\.any\.js$/.test(name));
    const outcomes: Outcome[] = [];
    for (const file of files.sort()) outcomes.push(...(await runHarness(join(root, "url"), file)));
    return numbered(outcomes);
  },
};

export const encodingLabels: Suite = {
  name: "wpt, encoding labels",
  repository: "web-platform-tests/wpt",
  version: VERSION,
  needs: "encoding/resources/encodings.js",
  run(root) {
    const recorder = new Recorder();
    const read = compileFunction(`${readFileSync(join(root, encodingLabels.needs), "utf8")}; return encodings_table;`);
    for (const { encodings } of read() as { encodings: { name: string; labels: string[] }[] }[])
      for (const { name, labels } of encodings)
        for (const label of labels) {
          recorder.begin(label);
          for (const spelling of [label, ` ${label.toUpperCase()}\n`]) recorder.equal(labelToName(spelling)?.toLowerCase(), name.toLowerCase());
        }
    return recorder.outcomes;
  },
};

/** Runs a file for testharness.js against `URL` and `URLSearchParams` as scripts have them. */
async function runHarness(directory: string, file: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const test = (run: () => void, title: string) => {
    try {
      run();
      outcomes.push({ id: `${file}: ${title}` });
    } catch (error) {
      outcomes.push({ id: `${file}: ${title}`, miss: String(error) });
    }
  };
  const pending: Promise<unknown>[] = [];
  const names: Record<string, unknown> = {
    ...ASSERTIONS,
    URL: ScriptUrl,
    URLSearchParams: ScriptUrlSearchParams,
    test,
    promise_test: (run: () => Promise<unknown>) => pending.push(run()),
    fetch_json: async (path: string) => JSON.parse(readFileSync(join(directory, path), "utf8")),
  };
  try {
    compileFunction(readFileSync(join(directory, file), "utf8"), Object.keys(names))(...Object.values(names));
    await Promise.all(pending);
  } catch (error) {
    outcomes.push({ id: file, miss: String(error) });
  }
  return outcomes;
}

function demand(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(what);
}

const ASSERTIONS = {
  assert_equals: (actual: unknown, expected: unknown) => demand(Object.is(actual, expected), `expected ${expected}, got ${actual}`),
  assert_true: (actual: unknown) => demand(actual === true, `expected true, got ${actual}`),
  assert_false: (actual: unknown) => demand(actual === false, `expected false, got ${actual}`),
  assert_array_equals: (actual: unknown[], expected: unknown[]) =>
    demand(JSON.stringify(actual) === JSON.stringify(expected), `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`),
  assert_unreached: () => demand(false, "reached"),
  assert_throws_js(kind: new () => Error, run: () => void) {
    try {
      run();
    } catch (error) {
      return demand(error instanceof kind, `threw ${error}`);
    }
    return demand(false, "threw nothing");
  },
};
