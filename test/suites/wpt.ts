import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { ScriptUrl, ScriptUrlSearchParams } from "../../services/sandbox/child/url.ts";
import { labelToName } from "../../services/sdk/encoding-labels.ts";
import "./host.ts";
import { Recorder, show } from "./recorder.ts";
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
    const files = readdirSync(join(root, "url")).filter((name) =>
      /^(?:urlsearchparams-|url-searchparams|urlencoded-parser).*\.any\.js$/.test(name),
    );
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
          for (const spelling of [label, ` ${label.toUpperCase()}\n`])
            recorder.equal(labelToName(spelling)?.toLowerCase(), name.toLowerCase());
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

/** The text is made only for a miss: a prototype cannot be printed. */
function equal(isEqual: boolean, expected: unknown, actual: unknown): void {
  if (!isEqual) throw new Error(`expected ${show(expected)}, got ${show(actual)}`);
}

const ASSERTIONS = {
  assert_equals: (actual: unknown, expected: unknown) => equal(Object.is(actual, expected), expected, actual),
  assert_true: (actual: unknown) => equal(actual === true, true, actual),
  assert_false: (actual: unknown) => equal(actual === false, false, actual),
  assert_array_equals: (actual: unknown, expected: unknown) => equal(show(actual) === show(expected), expected, actual),
  assert_unreached: (actual: unknown) => equal(false, "nothing", actual),
  assert_throws_js(kind: new () => Error, run: () => void) {
    try {
      run();
    } catch (error) {
      return equal(error instanceof kind, kind.name, String(error));
    }
    return equal(false, kind.name, "no error");
  },
};
