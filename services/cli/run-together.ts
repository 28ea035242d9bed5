/** A role's loop: works until the signal aborts, then drains and resolves. */
export type RoleRun = (signal: AbortSignal) => Promise<void>;

/**
 * Runs roles side by side until `signal` aborts, then waits until all have drained. When one fails, or ends before it was asked to, the
 * others are stopped too; rejects then with its error, once all have drained.
 */
export async function runTogether(roles: Record<string, RoleRun>, signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const runOne = async ([name, run]: [string, RoleRun]) => {
    try {
      await run(either);
      if (!either.aborted) throw new Error(`${name} ended by itself`);
    } catch (error) {
      failures.push(error);
      stop.abort();
    }
  };
  await Promise.all(Object.entries(roles).map(runOne));
  if (failures.length > 0) throw failures[0];
}
