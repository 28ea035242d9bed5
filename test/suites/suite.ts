/** Public test suites of other projects, run against our parsers. Their files stay outside of the checkout. */

/** One case: right if it has no `miss`. */
export interface Outcome {
  /** Stable within one version of the suite. */
  id: string;
  /** What was expected and what came. */
  miss?: string;
}

export interface Suite {
  /** Key in known-misses.json. */
  name: string;
  /** On GitHub; its checkout is the folder of the same name, without the owner. */
  repository: string;
  /** The version whose results are in docs/conformance.md. */
  version: string;
  /** A file of the suite, relative to its checkout. Without it the suite is skipped. */
  needs: string;
  /** @param root the suite's checkout. */
  run(root: string): Outcome[] | Promise<Outcome[]>;
}

/** Known misses by suite, then by reason: the ids of the cases. `name 2-4` stands for `name 2`, `name 3` and `name 4`. */
export type KnownMisses = Record<string, Record<string, string[]>>;

export interface Verdict {
  cases: number;
  passed: number;
  known: number;
  /** Misses that are not listed, as `id: what came`. */
  unlisted: string[];
  /** Listed cases that pass, or that the suite does not have. */
  outdated: string[];
}

/** Compares outcomes with the listed misses of their suite. */
export function judge(outcomes: Outcome[], reasons: Record<string, string[]>): Verdict {
  const listed = new Set(Object.values(reasons).flat().flatMap(idsOf));
  const missed = new Set(outcomes.filter(({ miss }) => miss !== undefined).map(({ id }) => id));
  return {
    cases: outcomes.length,
    passed: outcomes.filter(({ miss }) => miss === undefined).length,
    known: outcomes.filter(({ id, miss }) => miss !== undefined && listed.has(id)).length,
    unlisted: outcomes.flatMap(({ id, miss }) => (miss === undefined || listed.has(id) ? [] : [`${id}: ${miss}`])),
    outdated: [...listed].filter((id) => !missed.has(id)),
  };
}

function idsOf(entry: string): string[] {
  const [, name, first, last] = /^(.*) (\d+)-(\d+)$/.exec(entry) ?? [];
  if (name === undefined) return [entry];
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${name} ${Number(first) + index}`);
}
