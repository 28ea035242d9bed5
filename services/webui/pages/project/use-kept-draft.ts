import { useEffect, useRef } from "react";
import { type Draft, writeDraft } from "./draft.ts";

/** After the last key: writing a long script takes longer than a key may. */
const DELAY_MS = 300;

/** Keeps the draft in this browser, written when the user pauses and when the page is left. Undefined removes it. */
export function useKeptDraft(project: string, draft: Draft | undefined): void {
  const current = useRef(draft);
  useEffect(() => {
    current.current = draft;
    const timer = setTimeout(() => writeDraft(localStorage, project, draft), DELAY_MS);
    return () => clearTimeout(timer);
  }, [project, draft]);
  useEffect(() => {
    const write = () => writeDraft(localStorage, project, current.current);
    window.addEventListener("pagehide", write);
    return () => {
      window.removeEventListener("pagehide", write);
      write();
    };
  }, [project]);
}
