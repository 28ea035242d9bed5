/**
 * `55` -> `"55s"`: a duration in the docker provider's read format. From a minute on, that differs by resource (`1m` of a service, `1m0s` of a
 * container), and each deployment would find a change.
 *
 * @throws RangeError unless `count` is a whole number from 0 to 59.
 */
export function seconds(count: number): string {
  if (!Number.isInteger(count) || count < 0 || count > 59) throw new RangeError(`${count} s: write whole seconds, fewer than 60`);
  return `${count}s`;
}
