import { useSyncExternalStore } from "react";

const DARK = "(prefers-color-scheme: dark)";

/** Whether the page is light or dark. */
export const useScheme = (): "dark" | "light" => useSyncExternalStore(subscribe, () => (matchMedia(DARK).matches ? "dark" : "light"));

function subscribe(onChange: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener("change", onChange);
  return () => query.removeEventListener("change", onChange);
}
