/** What `./orb bench` prints. */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { type Figures, ratios, spreads } from "./figures.ts";

/** One measure with all its samples; `skipped` says why it has no samples. */
export interface Result {
  name: string;
  samples: Figures[];
  skipped?: string;
}

const COMPARED = ["pagesPerSecond", "cpuSecondsPer1000Pages"];
const OURS = ["embedded", "roles"];

/** The machine's data on every line, because figures are not comparable without it. */
export function machineFacts(): Record<string, string | number> {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  let commit = "unknown";
  try {
    commit = `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain") ? "+" : ""}`;
  } catch {
    // Not a clone.
  }
  return { cores: cpus().length, cpu: cpus()[0]?.model ?? "unknown", node: process.versions.node, commit };
}

/** One object a line: each measure, then ours divided by each peer's, figure by figure. */
export function reportLines(results: Result[], facts: Record<string, string | number>): object[] {
  const measures = results.map(({ name, samples, skipped }) =>
    skipped === undefined ? { measure: name, samples: samples.length, ...spreads(samples), ...facts } : { measure: name, skipped },
  );
  return [...measures, ...comparisons(results)];
}

function comparisons(results: Result[]): object[] {
  const taken = results.filter(({ samples }) => samples.length > 0);
  const ours = taken.filter(({ name }) => OURS.includes(name));
  const peers = taken.filter(({ name }) => /^(scrapy|crawlee|bare)-/.test(name));
  return ours.flatMap(({ name, samples }) =>
    peers.map((peer) => ({ ratio: `${name} / ${peer.name}`, samples: peer.samples.length, ...ratios(samples, peer.samples, COMPARED) })),
  );
}

/** The medians as a small table for people. */
export function reportTable(results: Result[]): string {
  const rows = reportLines(results, {}).map((line) => {
    const { measure, ratio, skipped, samples: _, ...figures } = line as Record<string, unknown>;
    const texts = Object.entries(figures as Record<string, { median: number }>).map(([name, { median }]) => `${name} ${median}`);
    return [String(measure ?? ratio), skipped === undefined ? texts.join(", ") : `skipped: ${skipped}`] as const;
  });
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join("");
}
