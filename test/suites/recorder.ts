import { isDeepStrictEqual } from "node:util";
import type { Outcome } from "./suite.ts";

/** Stands for everything that a suite asks and that is not ours to answer; assertions about it are not counted. */
// biome-ignore lint/suspicious/noExplicitAny: other people's tests use it as any of their objects.
export const OTHER: any = new Proxy(class {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => "" : name === Symbol.iterator ? [][Symbol.iterator] : OTHER),
  apply: () => OTHER,
  construct: () => OTHER,
});

/** Thrown by an adapter: the test asks for what we do not have on purpose, and the rest of it is not counted. */
export class NotOurs extends Error {}

/** Collects the assertions of one suite: each is a case, `test 2` for the second one of a test. */
export class Recorder {
  readonly outcomes: Outcome[] = [];
  #test = "";
  #count = 0;

  begin(test: string): void {
    this.#test = test;
    this.#count = 0;
  }

  equal(actual: unknown, expected: unknown): void {
    this.#count++;
    if (actual === OTHER || expected === OTHER) return;
    const id = `${this.#test} ${this.#count}`;
    if (isDeepStrictEqual(actual, expected)) this.outcomes.push({ id });
    else this.outcomes.push({ id, miss: `expected ${show(expected)}, got ${show(actual)}` });
  }

  /** The test ended with an error. */
  fail(error: unknown): void {
    if (error instanceof NotOurs) return;
    this.outcomes.push({ id: `${this.#test} ${++this.#count}`, miss: String(error).slice(0, 300) });
  }
}

export const show = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 200);
