/** Fields of forms, queries, headers and cookies as scripts write them: only values whose text is certain. */
import { toStorable } from "../core/protocol/checks.ts";
import { Refusal } from "./refusal.ts";

/** The value of a field. Numbers are finite. */
export type FieldValue = string | number | boolean | bigint;
/** Fields of a form or a query: a list makes several fields of one name, and so do pairs, such as those of `URLSearchParams`. */
export type Fields = Iterable<readonly [string, FieldValue]> | Readonly<Record<string, FieldValue | readonly FieldValue[]>>;
/** A field as text. */
export type Field = readonly [name: string, value: string];

/** The fields in their order; undefined if `value` has no fields at all. NUL and halves of surrogate pairs become U+FFFD. */
export function readFields(value: unknown): Field[] | Refusal | undefined {
  if (!isRecord(value)) return undefined;
  const fields: Field[] = [];
  for (const pair of pairsOf(value)) {
    if (!Array.isArray(pair) || pair.length !== 2) return new Refusal("a list of fields has pairs such as [name, value]");
    const [name, written] = pair;
    for (const one of Array.isArray(written) ? written : [written]) {
      const advice = adviceFor(one);
      if (advice) return new Refusal(`${JSON.stringify(String(name))} is ${advice}`);
      fields.push([toStorable(name), toStorable(one)]);
    }
  }
  return fields;
}

/** As `readFields`, with one value a name: for headers and cookies. */
export function readTexts(value: unknown): Record<string, string> | Refusal | undefined {
  if (!isRecord(value) || Symbol.iterator in value) return undefined;
  for (const [name, one] of Object.entries(value)) {
    const advice = Array.isArray(one) ? "a list: write one text" : adviceFor(one);
    if (advice) return new Refusal(`${JSON.stringify(name)} is ${advice}`);
  }
  return Object.fromEntries(Object.entries(value).map((pair) => pair.map(toStorable)));
}

const isRecord = (value: unknown): value is object => typeof value === "object" && value !== null && !ArrayBuffer.isView(value);

const pairsOf = (value: object): Iterable<unknown> => (Symbol.iterator in value ? (value as Iterable<unknown>) : Object.entries(value));

const ADVICE: Record<string, string> = {
  undefined: 'undefined: leave it out, or write ""',
  function: "a function: write a value",
  symbol: "a symbol: write a text",
};

/** What a value without certain text is, and what to write instead; undefined for texts, finite numbers, booleans and bigints. */
function adviceFor(value: unknown): string | undefined {
  if (value === null) return 'null: leave it out, or write ""';
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${value}: write a finite number`;
  if (typeof value !== "object") return ADVICE[typeof value];
  if (Array.isArray(value)) return "a list in a list: write one list";
  if (ArrayBuffer.isView(value)) return "bytes: send them in files, or as the whole data";
  if (value instanceof Date) return "a Date: write a text, such as that of toISOString()";
  return 'an object: write JSON.stringify(…) of it, or its fields by their names, such as "a[b]"';
}
