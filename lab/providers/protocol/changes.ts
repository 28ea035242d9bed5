import { isDeepStrictEqual } from "node:util";
import type { Kind, Values } from "./kind.ts";

export interface Difference {
  /** Top-level inputs that differ. */
  changed: string[];
  /** Inputs of these that need a new resource. */
  replaces: string[];
}

/** The changes of a deployment, from inputs to inputs: drift shows only after a refresh. */
export function differenceOf(kind: Pick<Kind, "updatable" | "replacing" | "sets">, olds: Values, news: Values): Difference {
  const { updatable, replacing = [], sets = [] } = kind;
  const [before, after] = [olds, news].map((values) => sets.reduce((sorted, path) => withSortedSet(sorted, path.split(".")), values));
  const differs = (path: string) => !isDeepStrictEqual(valueAt(before, path) ?? null, valueAt(after, path) ?? null);
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((name) => !name.startsWith("__")).sort();
  const changed = names.filter(differs);
  const fixed = updatable === "all" ? [] : changed.filter((name) => !updatable.includes(name));
  return { changed, replaces: [...new Set([...fixed, ...replacing.filter(differs)])] };
}

const valueAt = (values: Values | undefined, path: string): unknown =>
  path.split(".").reduce<unknown>((value, name) => (value as Values | undefined)?.[name], values);

function withSortedSet(values: Values, [name = "", ...rest]: readonly string[]): Values {
  const value = values[name] as Values | Values[] | undefined;
  if (value === undefined) return values;
  if (rest.length > 0) return { ...values, [name]: withSortedSet(value, rest) };
  return { ...values, [name]: [...(value as Values[])].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)) };
}
