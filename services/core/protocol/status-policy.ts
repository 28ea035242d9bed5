/** What happens after a page whose server answered with an error status, where a script sets another than the usual. */
import { isCount, isNonNegative, isObject } from "./checks.ts";

export interface StatusPolicy {
  /** Retries after the first failure; 0: the status is final. Absent: the task's `retries`, and none after 404 and 410. */
  retries?: number;
  /** Seconds by failures so far, at least one; the last applies to all further failures. Absent: the project's delays. */
  delays?: number[];
}

/** By a status such as `"403"`, or by a class such as `"5xx"`, which a status precedes. */
export type StatusPolicies = Record<string, StatusPolicy>;

/** They are part of each task whose call sets them. */
const MAX_ENTRIES = 50;
const MAX_DELAYS = 100;
/** Postgres keeps the number of failures as a 32-bit integer. */
const MAX_RETRIES = 2 ** 31 - 1;

/** A status from 300, or a class of them: pages with other statuses have not failed. */
export const isStatusName = (name: string): boolean => /^[3-5](?:\d\d|xx)$/.test(name);

export const isStatusPolicies = (value: unknown): value is StatusPolicies => {
  if (!isObject(value)) return false;
  const entries = Object.entries(value);
  return entries.length <= MAX_ENTRIES && entries.every(([name, policy]) => isStatusName(name) && isPolicy(policy));
};

function isPolicy(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(
    ([name, one]) =>
      (name === "retries" && isCount(one) && (one as number) <= MAX_RETRIES) ||
      (name === "delays" && Array.isArray(one) && one.length > 0 && one.length <= MAX_DELAYS && one.every(isNonNegative)),
  );
}

/** `{ "5xx": a, "503": b }, 503` -> b */
export function policyOf(policies: StatusPolicies | undefined, statusCode: number): StatusPolicy | undefined {
  const name = String(statusCode);
  if (policies && Object.hasOwn(policies, name)) return policies[name];
  const kind = `${name[0]}xx`;
  return policies && Object.hasOwn(policies, kind) ? policies[kind] : undefined;
}
