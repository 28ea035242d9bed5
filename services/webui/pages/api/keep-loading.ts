import { type RequestError, toRequestError } from "./request-error.ts";

export interface Loading {
  /** Asks again at once; an answer that is still under way is dropped. */
  refresh(): void;
  stop(): void;
}

export type Answer<T> = { data: T } | { failure: RequestError };

/**
 * Loads now and, with `everyMs`, again that long after each answer; not while the tab is hidden, and at once when it is shown again.
 *
 * @param onAnswer hears of every answer but those that came after `stop` or were overtaken by `refresh`.
 */
export function keepLoading<T>(
  load: (signal: AbortSignal) => Promise<T>,
  everyMs: number | undefined,
  onAnswer: (answer: Answer<T>) => void,
): Loading {
  const stopped = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let newest = 0;
  const ask = async () => {
    clearTimeout(timer);
    newest += 1;
    const turn = newest;
    const answer = await load(stopped.signal).then(
      (data) => ({ data }),
      (error: unknown) => ({ failure: toRequestError(error) }),
    );
    if (stopped.signal.aborted || turn !== newest) return;
    onAnswer(answer);
    if (everyMs !== undefined && !document.hidden) timer = setTimeout(ask, everyMs);
  };
  const onVisibility = () => {
    clearTimeout(timer);
    if (!document.hidden && everyMs !== undefined) void ask();
  };
  document.addEventListener("visibilitychange", onVisibility, { signal: stopped.signal });
  void ask();
  return {
    refresh: () => void ask(),
    stop() {
      clearTimeout(timer);
      stopped.abort();
    },
  };
}
