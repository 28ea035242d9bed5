import { useEffect } from "react";
import { guardLeaving } from "../navigation/location-store.ts";

const QUESTION = "The script has unsaved changes. Leave the page and lose them?";

/** While `isDirty`, the user must confirm before leaving the page, the site or the tab. */
export function useUnsavedWarning(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) return;
    // The browser shows its own text.
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", onUnload);
    const release = guardLeaving(() => window.confirm(QUESTION));
    return () => {
      window.removeEventListener("beforeunload", onUnload);
      release();
    };
  }, [isDirty]);
}
