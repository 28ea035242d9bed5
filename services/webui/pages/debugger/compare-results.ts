/** What changed between two lists of results. Pure. */

export interface FieldChange {
  /** Empty if the results are no objects. */
  field: string;
  /** Undefined: it did not have the field. */
  before: unknown;
  after: unknown;
}

export interface ResultChange {
  kind: "same" | "changed" | "added" | "removed";
  /** The place in the lists. */
  index: number;
  /** Of a changed result; of an added or removed one, the whole result. */
  fields: FieldChange[];
}

/** Compares results of the same place; a field's order does not count. */
export function compareResults(before: readonly unknown[], after: readonly unknown[]): ResultChange[] {
  return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => {
    const [old, now] = [before[index], after[index]];
    if (index >= before.length) return { kind: "added", index, fields: [{ field: "", before: undefined, after: now }] };
    if (index >= after.length) return { kind: "removed", index, fields: [{ field: "", before: old, after: undefined }] };
    const fields = changedFields(old, now);
    return { kind: fields.length === 0 ? "same" : "changed", index, fields };
  });
}

/** `"2 changed, 1 added"`; `"no change"`. */
export function summaryOf(changes: readonly ResultChange[]): string {
  const kinds = (["changed", "added", "removed"] as const).map((kind) => ({
    kind,
    count: changes.filter((one) => one.kind === kind).length,
  }));
  const parts = kinds.filter(({ count }) => count > 0).map(({ kind, count }) => `${count} ${kind}`);
  return parts.length === 0 ? "no change" : parts.join(", ");
}

function changedFields(before: unknown, after: unknown): FieldChange[] {
  if (!isRecord(before) || !isRecord(after)) return isEqual(before, after) ? [] : [{ field: "", before, after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((field) => !isEqual(before[field], after[field]))
    .map((field) => ({ field, before: before[field], after: after[field] }));
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** With the fields of all objects in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, sorted(one)]),
  );
}
