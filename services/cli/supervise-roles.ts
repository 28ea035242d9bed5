import { aborted } from "../core/runtime/signals.ts";

/** A role's loop: works until the signal aborts, then drains and resolves. */
export type RoleRun = (signal: AbortSignal) => Promise<void>;

/**
 * Runs roles side by side until `signal` aborts, or until one fails or ends by itself. Then it stops them one after the other in the given
 * order; each drains before the next stops. If the order is that of the pipeline, no in-flight work is wasted.
 *
 * Rejects with the first failure, once all have drained.
 */
export async function superviseRoles(roles: Record<string, RoleRun>, signal: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  const over = new AbortController();
  const running = Object.entries(roles).map(([name, run]) => {
    const stop = new AbortController();
    const ended = runOne(name, run, stop.signal).catch((error) => {
      failures.push(error);
      over.abort();
    });
    return { stop, ended };
  });
  await aborted(AbortSignal.any([signal, over.signal]));
  for (const { stop, ended } of running) {
    stop.abort();
    await ended;
  }
  if (failures.length > 0) throw failures[0];
}

async function runOne(name: string, run: RoleRun, signal: AbortSignal): Promise<void> {
  await run(signal);
  if (!signal.aborted) throw new Error(`${name} ended by itself`);
}
