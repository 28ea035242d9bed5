/**
 * A last check of what goes into a file whose grammar has no quoting: the stack config was checked, so a mismatch is a bug.
 *
 * @returns `value`.
 * @throws Error naming path and value.
 */
export function mustMatch(path: string, value: string, pattern: RegExp): string {
  if (pattern.test(value) && !/[\0\n\r]/.test(value)) return value;
  throw new Error(`${path} = ${JSON.stringify(value)} cannot be written: it must match ${pattern}`);
}
