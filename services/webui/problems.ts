import type { z } from "zod";
import { BadInputError, type Problem } from "../core/errors.ts";

/**
 * Checks outside input against a strict schema.
 *
 * @param what the input's name in the message: `The body`.
 * @throws BadInputError with every problem at once.
 */
export function checkInput<T>(schema: z.ZodType<T>, input: unknown, what: string): T {
  const { data, problems } = findProblems(schema, input);
  if (problems.length > 0) throw new BadInputError(`${what} does not fit`, problems);
  return data as T;
}

/** Every problem of some input, or its data. */
export function findProblems<T>(schema: z.ZodType<T>, input: unknown): { data?: T; problems: Problem[] } {
  const parsed = schema.safeParse(input, { reportInput: true });
  return parsed.success ? { data: parsed.data, problems: [] } : { problems: parsed.error.issues.flatMap(toProblems) };
}

/** An issue of zod's, as problems: an unknown field is one for each name. */
function toProblems(issue: z.core.$ZodIssue): Problem[] {
  const path = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, remedy: "there is no such field here: leave it out" }));
  }
  const value = shown(issue.input);
  return [{ path: path || "(all)", ...(value === undefined ? {} : { value }), remedy: issue.message }];
}

/** Long values are cut, and lists and objects left out, which may be as deep as no JSON can be written: a problem is read by people. */
function shown(value: unknown): unknown {
  if (typeof value === "object" && value !== null) return undefined;
  return typeof value === "string" && value.length > 100 ? `${value.slice(0, 100)}…` : value;
}
