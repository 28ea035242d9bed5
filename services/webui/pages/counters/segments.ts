/** The parts of a counter bar. Pure. */

/** In the order of the bar and of the legend. */
export const KINDS = ["pending", "success", "retry", "failed"] as const;
export type Kind = (typeof KINDS)[number];
export type Counts = Partial<Record<Kind, number>>;

export interface Segment {
  kind: Kind;
  count: number;
  /** Percent of the bar before it, and its own. */
  start: number;
  share: number;
}

/** The parts of a stacked bar; those that are zero are left out. */
export function segmentsOf(counts: Counts): Segment[] {
  const total = totalOf(counts);
  const segments: Segment[] = [];
  let start = 0;
  for (const kind of KINDS) {
    const count = counts[kind] ?? 0;
    if (count <= 0) continue;
    const share = (count / total) * 100;
    segments.push({ kind, count, start, share });
    start += share;
  }
  return segments;
}

export const totalOf = (counts: Counts): number => KINDS.reduce((sum, kind) => sum + Math.max(0, counts[kind] ?? 0), 0);
