/** What `./orb bench` runs: `node test/bench/main.ts --samples N --pages N [--peers] [MEASURE…]`. JSON lines to stdout, a table to stderr if it is a terminal. */
import { parseArgs } from "node:util";
import type { Figures } from "./figures.ts";
import { installPeers, MEASURES, type Measure } from "./measures.ts";
import { machineFacts, type Result, reportLines, reportTable } from "./report.ts";

const { values, positionals } = parseArgs({
  options: {
    samples: { type: "string", default: "3" },
    pages: { type: "string", default: "5000" },
    peers: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

const wanted = positionals.length > 0 ? MEASURES.filter(({ name }) => positionals.includes(name)) : MEASURES;
const measures = [...wanted, ...(values.peers ? installPeers() : [])];
for (const { missing, warmUp } of measures) if (missing === undefined) await warmUp?.();
const results = await takeTurns(measures, Number(values.samples));
for (const line of reportLines(results, machineFacts())) process.stdout.write(`${JSON.stringify(line)}\n`);
if (process.stderr.isTTY) process.stderr.write(reportTable(results));

/** Takes one sample of each measure in turn, so that other load on the machine affects all measures alike. */
async function takeTurns(measures: Measure[], turns: number): Promise<Result[]> {
  const results = measures.map(({ name, missing }) => ({
    name,
    samples: [] as Figures[],
    ...(missing === undefined ? {} : { skipped: missing }),
  }));
  for (let turn = 1; turn <= turns; turn++) {
    for (const [index, measure] of measures.entries()) {
      if (measure.missing !== undefined) continue;
      process.stderr.write(`${measure.name}, ${turn} of ${turns}\n`);
      results[index]?.samples.push(await measure.sample(Number(values.pages)));
    }
  }
  return results;
}
