import { toStorable } from "./checks.ts";
import type { TaskError } from "./messages.ts";

/** Everything a user can meet and act on. Bugs stay plain `Error`. Codes are listed in services/README.md. */
export abstract class CrawlerError extends Error {
  /** Stable; listed in services/README.md. */
  abstract readonly code: `E_${string}`;
  /** Whether the same task may succeed if it is simply tried again. */
  abstract readonly retryable: boolean;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The form in which an error travels with a task, and is stored. A bug is reported as `E_INTERNAL` and retried. */
export function toTaskError(error: unknown): TaskError {
  const message = toStorable(error instanceof Error ? error.message : error);
  return error instanceof CrawlerError
    ? { code: error.code, message, retryable: error.retryable }
    : { code: "E_INTERNAL", message, retryable: true };
}

/** One thing that is wrong with some input. */
export interface Problem {
  /** Where: `FETCHER_CONCURRENCY`, `--port`, `rate`, `books.ts:3:5`. */
  path: string;
  /** What was given; absent when nothing was, or when it is a secret. */
  value?: unknown;
  /** What is wrong with it and what to write instead. */
  remedy: string;
}

/** Input that is refused, all problems at once. */
export class BadInputError extends CrawlerError {
  readonly code = "E_BAD_INPUT";
  readonly retryable = false;
  readonly problems: Problem[];

  constructor(what: string, problems: Problem[]) {
    super(`${what}: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}\n${problems.map(formatProblem).join("\n")}`);
    this.problems = problems;
  }
}

/** `  PORT = "x": write a whole number from 1 to 65535` */
export function formatProblem({ path, value, remedy }: Problem): string {
  return `  ${path}${value === undefined ? "" : ` = ${JSON.stringify(value)}`}: ${remedy}`;
}
