import { isDeepStrictEqual } from "node:util";
import type { Kind, Values } from "./kind.ts";

export interface Difference {
  /** Inputs that differ, at the top. */
  changed: string[];
  /** Those of them that need a new resource. */
  replaces: string[];
}

/** What a deployment would change, from inputs to inputs: drift shows only after a refresh. */
export function differenceOf({ updatable, replacing = [] }: Pick<Kind, "updatable" | "replacing">, olds: Values, news: Values): Difference {
  const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter((name) => !name.startsWith("__")).sort();
  const changed = names.filter((name) => !isDeepStrictEqual(olds[name] ?? null, news[name] ?? null));
  const replaces = changed.filter((name) => replacing.includes(name) || (updatable !== "all" && !updatable.includes(name)));
  return { changed, replaces };
}
