import type { z } from "zod";
import { BadInputError } from "./errors.ts";
import { toProblems } from "./problems.ts";

/** The body of a 400 response to a request that does not match its schema. It repeats no value: headers and proxies contain passwords. */
export function badRequest(error: z.ZodError) {
  const { code, message, problems } = new BadInputError(
    "The request is not valid",
    toProblems(error, { input: undefined, shows: () => false }),
  );
  return { error: { code, message, problems } };
}
