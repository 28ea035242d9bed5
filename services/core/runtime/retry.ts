import { setTimeout as delay } from "node:timers/promises";

/** When to repeat work that failed. */
export interface RetryOptions {
  /** Whether a repetition may succeed after this failure. */
  isTransient: (error: unknown) => boolean;
  /** Milliseconds from a failure to the next attempt. A function receives the number of failures so far, from 1. */
  waitMs: number | ((failures: number) => number);
  /** By default there is no limit. */
  maxAttempts?: number;
  /** No attempt begins later than this many milliseconds after the first one. By default there is no limit. */
  forMs?: number;
  /** When it aborts, no attempt begins; a running one continues. */
  signal?: AbortSignal | undefined;
  /** Called before each wait. */
  onRetry?: (error: unknown, waitMs: number) => void;
}

/**
 * Repeats work until it succeeds. The first attempt always begins.
 *
 * Rejects with the last failure if it is not transient, if a limit is reached, or if the signal aborts.
 */
export async function retry<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { isTransient, waitMs, maxAttempts = Infinity, forMs = Infinity, signal, onRetry } = options;
  const deadline = performance.now() + forMs;
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      const nextMs = typeof waitMs === "number" ? waitMs : waitMs(failures);
      const isOver = failures >= maxAttempts || performance.now() + nextMs > deadline;
      if (isOver || signal?.aborted || !isTransient(error)) throw error;
      onRetry?.(error, nextMs);
      await delay(nextMs, undefined, signal && { signal }).catch(() => {});
      if (signal?.aborted) throw error;
    }
  }
}
