/** What has changed between two JSON values, as the event stream sends it. Pure; the server and the pages share it. */
import { isObject } from "../core/protocol/checks.ts";

/**
 * `[value]`: it is now this value. 0: the key is gone. An object: the changes by key of an object.
 *
 * `{"books":{"rate":[2]},"old":0}`
 */
export type Difference = [value: unknown] | 0 | { [key: string]: Difference };

/** Undefined if both are the same. Values as `JSON.parse` returns them. Arrays are compared as a whole. */
export function difference(before: unknown, after: unknown): Difference | undefined {
  if (before === after) return undefined;
  if (!isObject(before) || !isObject(after)) return JSON.stringify(before) === JSON.stringify(after) ? undefined : [after];
  const changes: [string, Difference][] = [];
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changes.push([key, 0]);
  for (const [key, value] of Object.entries(after)) {
    const change = Object.hasOwn(before, key) ? difference(before[key], value) : ([value] as Difference);
    if (change !== undefined) changes.push([key, change]);
  }
  // fromEntries also makes a key `__proto__`, which an assignment does not.
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

/** The value after the change. What has not changed is the same object as before; new keys are the last. */
export function withDifference(before: unknown, change: Difference): unknown {
  if (Array.isArray(change)) return change[0];
  if (change === 0 || !isObject(before)) return undefined;
  const kept = Object.entries(before).flatMap(([key, value]): [string, unknown][] => {
    const own = Object.hasOwn(change, key) ? change[key] : undefined;
    if (own === 0) return [];
    return [[key, own === undefined ? value : withDifference(value, own)]];
  });
  const added = Object.entries(change).flatMap(([key, own]): [string, unknown][] =>
    Object.hasOwn(before, key) || own === 0 ? [] : [[key, withDifference(undefined, own)]],
  );
  return Object.fromEntries([...kept, ...added]);
}
