/**
 * A last check of values for files whose grammar has no quoting: the stack config was checked, so a mismatch is a bug.
 *
 * @returns `value`.
 * @throws Error naming path and value.
 */
export function mustMatch(path: string, value: string, pattern: RegExp): string {
  if (pattern.test(value) && !/[\0\n\r]/.test(value)) return value;
  throw new Error(`${path} = ${JSON.stringify(value)} cannot be written: it must match ${pattern}`);
}

/** The last check of a fleet's domain. */
export const domainName = (domain: string): string => mustMatch("domain", domain, /^[a-z0-9.-]+$/);

/** The last check of a balancer's `<address>:<port>`. */
export const balancerAddress = (address: string): string => mustMatch("balancers", address, /^[\w.-]+:\d{1,5}$/);
