import { useEffect } from "react";
import { guardLeaving } from "../navigation/location-store.ts";

const QUESTION = "The script has changes that are not saved. Leave and lose them?";

/** While `isDirty`, leaving the page, the site or the tab asks first. */
export function useUnsavedWarning(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) return;
    // The browser asks in words of its own.
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", onUnload);
    const release = guardLeaving(() => window.confirm(QUESTION));
    return () => {
      window.removeEventListener("beforeunload", onUnload);
      release();
    };
  }, [isDirty]);
}
