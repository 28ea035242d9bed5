import type { z } from "zod";
import type { Problem } from "./errors.ts";

interface ProblemSource {
  /** The input as it was given, before defaults and transforms. */
  input: unknown;
  /** The beginning of all paths: `hosts[0]`. */
  root?: string;
  /** Whether a problem may repeat the value at its path. */
  shows(value: unknown, path: string): boolean;
}

/**
 * zod's issues as problems: paths such as `hosts[0].name`, the given values, and one problem for each unknown field. The value of an unknown field
 * is never repeated: its name may be that of a secret, misspelt.
 */
export function toProblems(error: z.ZodError | undefined, source: ProblemSource): Problem[] {
  return (error?.issues ?? []).flatMap(({ path, ...issue }) => {
    if (issue.code !== "unrecognized_keys") return [problemAt(path, issue.message, source)];
    const remedy = "it is unknown: remove it, or correct its name";
    return issue.keys.map((key) => problemAt([...path, key], remedy, { ...source, shows: () => false }));
  });
}

function problemAt(keys: PropertyKey[], remedy: string, { input, root = "", shows }: ProblemSource): Problem {
  const path = keys.reduce<string>((text, key) => text + (typeof key === "number" ? `[${key}]` : `.${String(key)}`), root);
  const place = path.replace(/^\./, "") || "(all)";
  const value = keys.reduce<unknown>((from, key) => (from as Record<PropertyKey, unknown> | null | undefined)?.[key], input);
  return { path: place, ...(value !== undefined && shows(value, place) ? { value } : {}), remedy };
}
