import type { TypeChecker } from "./type-checker.ts";

/** A question to the worker: a method of its checker. */
export interface Question {
  id: number;
  method: keyof TypeChecker;
  parameters: unknown[];
}
