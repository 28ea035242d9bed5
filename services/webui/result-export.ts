import type { CsvOptions } from "../core/export/csv.ts";
import { encodeResults, MEDIA_TYPES, type ResultFormat } from "../core/export/formats.ts";
import { ordinalBefore, readChangeMarks } from "../core/store/result-changes.ts";
import { type ChangedRange, streamChanges, streamResults } from "../core/store/result-queries.ts";
import type { Sql } from "../core/store/sql.ts";
import type { LargeAnswer } from "./export-slots.ts";
import { readTotals } from "./store/counter-queries.ts";

export interface ExportRequest extends CsvOptions {
  format: ResultFormat;
  /** Columns by name. */
  fields?: string[] | undefined;
  /** Only what changed after an ordinal, or at a time (Unix seconds) or later. */
  since?: { ordinal: number } | { time: number } | undefined;
  /** Only what was last stored before this time. */
  notSince?: number | undefined;
}

/** The headers of an export that do not depend on its content. */
export const exportHead = (name: string, format: ResultFormat): Record<string, string> => ({
  "content-type": MEDIA_TYPES[format],
  "content-disposition": `attachment; filename="${name}.${format}"`,
});

/** A project's results as a file. The header `orb-next-since` is the `since` of an export of what changes afterwards. */
export async function openExport(
  sql: Pick<Sql, "query">,
  name: string,
  { since, notSince, ...options }: ExportRequest,
): Promise<LargeAnswer> {
  const { newest, settled } = await readChangeMarks(sql, name);
  const range = since && (await rangeSince(sql, name, since, newest));
  const { pending } = await readTotals(sql, name);
  const open = () => (range ? streamChanges(sql, name, range) : streamResults(sql, name, notSince));
  return {
    head: { ...exportHead(name, options.format), "orb-next-since": `c${settled}` },
    body: encodeResults({ ...options, open, mayGrow: pending > 0 }),
  };
}

async function rangeSince(
  sql: Pick<Sql, "query">,
  name: string,
  since: NonNullable<ExportRequest["since"]>,
  newest: number,
): Promise<ChangedRange> {
  if ("ordinal" in since) return { after: since.ordinal, upTo: newest, notBefore: -Infinity };
  return { after: await ordinalBefore(sql, name, since.time, newest), upTo: newest, notBefore: since.time };
}
