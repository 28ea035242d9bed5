import type { Problem } from "./types.ts";

/** A request that the API refused, or that it never answered. */
export class RequestError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** What is wrong with each part of the input; empty when the message says it all. */
  readonly problems: Problem[];

  constructor(status: number, message: string, problems: Problem[] = []) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

/** Whatever was thrown, in the form that is shown. */
export function toRequestError(error: unknown): RequestError {
  return error instanceof RequestError ? error : new RequestError(0, error instanceof Error ? error.message : String(error));
}

/** The first line of the API's message: its other lines repeat the problems. */
export const headline = ({ message, problems }: RequestError): string =>
  problems.length > 0 ? (message.split("\n", 1)[0] ?? "") : message;
