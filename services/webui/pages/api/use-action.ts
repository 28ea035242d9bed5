import { useCallback, useState } from "react";
import { type RequestError, toRequestError } from "./request-error.ts";

export interface Action {
  isBusy: boolean;
  /** The error of the last run; undefined while it runs, and for an ended session, which the login handles. */
  failure: RequestError | undefined;
  /** Runs an operation that may fail; resolves to whether it succeeded. */
  run(work: () => Promise<unknown>): Promise<boolean>;
  dismiss(): void;
}

/** An action of the user: whether it runs, and why it failed. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<RequestError>();
  const run = useCallback(async (work: () => Promise<unknown>) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
      return true;
    } catch (error) {
      const failed = toRequestError(error);
      if (failed.status !== 401) setFailure(failed);
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  const dismiss = useCallback(() => setFailure(undefined), []);
  return { isBusy, failure, run, dismiss };
}
