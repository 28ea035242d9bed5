import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeCsv } from "../../services/core/export/csv.ts";
import type { ResultRow } from "../../services/core/store/result-queries.ts";
import { Recorder } from "./recorder.ts";
import type { Suite } from "./suite.ts";

/** We only write CSV: the suite's rows are written, and have to be the suite's file to a reader. */
export const csvSpectrum: Suite = {
  name: "csv-spectrum",
  repository: "maxogden/csv-spectrum",
  version: "b251546",
  needs: "csvs/simple.csv",
  async run(root) {
    const recorder = new Recorder();
    for (const file of readdirSync(join(root, "csvs")).sort()) {
      const theirs = readFileSync(join(root, "csvs", file), "utf8").replace(/\r\n/g, "\n");
      const rows = JSON.parse(readFileSync(join(root, "json", file.replace(/csv$/, "json")), "utf8")) as object[];
      recorder.begin(file);
      const ours = await written(rows);
      recorder.equal(
        readCsv(ours).map(([, ...cells]) => cells),
        readCsv(theirs),
      );
    }
    return recorder.outcomes;
  },
};

async function written(rows: object[]): Promise<string> {
  const url = "http://site.test/";
  const stored = rows.map(
    (row, index): ResultRow => ({ taskid: "t", url, index, result: JSON.stringify(row), ordinal: index, updatetime: 1, changed: 1 }),
  );
  const open = async function* () {
    yield stored;
  };
  let text = "";
  for await (const piece of encodeCsv({ open, mayGrow: false }, { guard: false, bom: false })) text += piece;
  return text.replace(/\r\n/g, "\n");
}

/** Rows of cells (RFC 4180). */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = "", end] of text.trimEnd().matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === "\n") rows.push([]);
    if (end === "") break;
  }
  return rows;
}
