import { toStorable } from "./checks.ts";
import type { TaskError } from "./messages.ts";

/** An error that a user can meet and act on. Bugs stay plain `Error`. Codes are listed in services/README.md. */
export abstract class CrawlerError extends Error {
  /** Stable; listed in services/README.md. */
  abstract readonly code: `E_${string}`;
  /** Whether a retry of the same task may succeed. */
  abstract readonly retryable: boolean;

  override get name(): string {
    return this.constructor.name;
  }
}

/** The form in which an error travels with a task and is stored. A bug is reported as `E_INTERNAL` and retried. */
export function toTaskError(error: unknown): TaskError {
  const message = toStorable(error instanceof Error ? error.message : error);
  return error instanceof CrawlerError
    ? { code: error.code, message, retryable: error.retryable }
    : { code: "E_INTERNAL", message, retryable: true };
}

/** One problem of some input. */
export interface Problem {
  /** The place: `FETCHER_CONCURRENCY`, `--port`, `rate`, `books.ts:3:5`. */
  path: string;
  /** The given value; absent if none was given, or if it is a secret. */
  value?: unknown;
  /** The problem and the remedy. */
  remedy: string;
}

/** A longer list is not read, and input of 1.6 MB caused an answer of 21 MB. */
const MAX_PROBLEMS = 20;
/** Maximum characters of each part of a problem. */
const MAX_PART_LENGTH = 300;

/** Refused input: its first 20 problems, each cut to a readable length, and the number of further ones. */
export class BadInputError extends CrawlerError {
  readonly code = "E_BAD_INPUT";
  readonly retryable = false;
  readonly problems: Problem[];
  readonly moreProblems: number;

  /** @param unlisted number of problems beyond those in `problems`. */
  constructor(what: string, problems: Problem[], unlisted = 0) {
    const shown = problems.slice(0, MAX_PROBLEMS).map(cutProblem);
    const total = problems.length + unlisted;
    const more = total - shown.length;
    const count = total === 1 ? "1 problem" : `${total.toLocaleString("en")} problems`;
    const lines = [...shown.map(formatProblem), ...(more > 0 ? [`  and ${more.toLocaleString("en")} more`] : [])];
    super(`${cut(what)}: ${count}\n${lines.join("\n")}`);
    this.problems = shown;
    this.moreProblems = more;
  }
}

function cutProblem({ path, value, remedy }: Problem): Problem {
  const isLong = value !== undefined && (JSON.stringify(value)?.length ?? 0) > MAX_PART_LENGTH;
  const shown = isLong ? cut(typeof value === "string" ? value : JSON.stringify(value)) : value;
  return { path: cut(path), ...(shown === undefined ? {} : { value: shown }), remedy: cut(remedy) };
}

const cut = (text: string): string => (text.length > MAX_PART_LENGTH ? `${text.slice(0, MAX_PART_LENGTH)}…` : text);

/** `  PORT = "x": write a whole number from 1 to 65535` */
export function formatProblem({ path, value, remedy }: Problem): string {
  return `  ${path}${value === undefined ? "" : ` = ${JSON.stringify(value)}`}: ${remedy}`;
}
