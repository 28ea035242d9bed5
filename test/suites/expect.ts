import { isDeepStrictEqual } from "node:util";
import { show } from "./recorder.ts";

/** The part of chai, Jest and Vitest that the suites use. @throws Error if the value is another. */
export function expect(actual: unknown) {
  const demand = (isRight: boolean, what: string, expected?: unknown) => {
    if (!isRight) throw new Error(`expected ${what} ${show(expected)}, got ${show(actual)}`);
  };
  const equal = (expected: unknown) => demand(isDeepStrictEqual(actual, expected), "", expected);
  const to = {
    equal,
    eql: equal,
    deep: { equal },
    be: Object.assign(equal, { lessThan: (limit: number) => demand((actual as number) < limit, "less than", limit) }),
  };
  return {
    to,
    toBe: equal,
    toEqual: equal,
    toStrictEqual: equal,
    toHaveLength: (length: number) => demand((actual as unknown[]).length === length, "length", length),
    toMatchObject: (part: object) =>
      demand(
        Object.entries(part).every(([key, value]) => isDeepStrictEqual(Reflect.get(actual as object, key), value)),
        "at least",
        part,
      ),
    toContainEqual: (part: unknown) =>
      demand(
        (actual as unknown[]).some((one) => isDeepStrictEqual(one, part)),
        "one of them to be",
        part,
      ),
    toBeTruthy: () => demand(Boolean(actual), "a value"),
    toBeFalsy: () => demand(!actual, "no value"),
    toBeLessThanOrEqual: (limit: number) => demand((actual as number) <= limit, "at most", limit),
    toBeGreaterThanOrEqual: (limit: number) => demand((actual as number) >= limit, "at least", limit),
    toBeNull: () => equal(null),
    toBeUndefined: () => equal(undefined),
  };
}
