import type { z } from "zod";
import { BadInputError, type Problem } from "../core/protocol/errors.ts";
import { toProblems } from "../core/protocol/problems.ts";

/**
 * Checks outside input against a strict schema.
 *
 * @param what the input's name in the message: `The body`.
 * @throws BadInputError with every problem at once.
 */
export function checkInput<T>(schema: z.ZodType<T>, input: unknown, what: string): T {
  const { data, problems } = findProblems(schema, input);
  if (problems.length > 0) throw new BadInputError(`${what} is not valid`, problems);
  return data as T;
}

/** Every problem of some input, or its data. */
export function findProblems<T>(schema: z.ZodType<T>, input: unknown): { data?: T; problems: Problem[] } {
  const { data, error } = schema.safeParse(input);
  const problems = toProblems(error, { input, shows });
  return error ? { problems } : { data, problems };
}

/** People read a problem, so lists and objects are left out. */
const shows = (value: unknown) => typeof value !== "object" || value === null;
