import { useCallback, useState } from "react";
import { type RequestError, toRequestError } from "./request-error.ts";

export interface Action {
  isBusy: boolean;
  /** Of the last run; undefined while it runs, and for an ended session, which the login takes care of. */
  failure: RequestError | undefined;
  /** Runs something that may fail; resolves true if it did not. */
  run(work: () => Promise<unknown>): Promise<boolean>;
  dismiss(): void;
}

/** Something the user does: whether it is under way, and why it failed. */
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
