import { type ReactNode, useEffect, useRef } from "react";

/** The container of the current page. When `pageKey` changes, reading and tabbing begin at its top, as on a newly loaded page. */
export function MainRegion({ pageKey, children }: { pageKey: string; children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pageKey);
  useEffect(() => {
    if (shown.current === pageKey) return;
    shown.current = pageKey;
    main.current?.focus({ preventScroll: true });
  }, [pageKey]);
  return (
    <main ref={main} className="page" tabIndex={-1}>
      {children}
    </main>
  );
}
