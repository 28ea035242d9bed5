import type { Failure, Problem } from "./types.ts";

/** A request that the API refused, or did not answer. */
export class RequestError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The API's code; empty when no answer came. */
  readonly code: string;
  /** The problem of each part of the input; empty if the message is complete. */
  readonly problems: Problem[];
  /** How many more problems there are than `problems` lists. */
  readonly moreProblems: number;

  constructor(
    status: number,
    message: string,
    { code = "", problems = [], moreProblems = 0 }: Partial<Pick<Failure, "code" | "problems" | "moreProblems">> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.problems = problems;
    this.moreProblems = moreProblems;
  }
}

/** Any thrown value, in the form that is shown. */
export function toRequestError(error: unknown): RequestError {
  return error instanceof RequestError ? error : new RequestError(0, error instanceof Error ? error.message : String(error));
}

/** The first line of the API's message: its other lines repeat the problems. */
export const headline = ({ message, problems }: RequestError): string =>
  problems.length > 0 ? (message.split("\n", 1)[0] ?? "") : message;
