import { type ComponentType, lazy, type ReactNode, Suspense } from "react";

/** A component whose code is loaded when it is first shown. Show it within `Deferred`. */
export const deferred = <P extends object>(load: () => Promise<ComponentType<P>>) =>
  lazy(() =>
    load().then(
      (component) => ({ default: component }),
      () => ({ default: NotLoaded as ComponentType<P> }),
    ),
  );

/** Shows `children` when their code is loaded. */
export function Deferred({ children }: { children: ReactNode }) {
  return <Suspense fallback={<p className="muted">Loading…</p>}>{children}</Suspense>;
}

/** After an update of the web UI, the files of the earlier version are gone. */
function NotLoaded() {
  return (
    <section className="empty" role="alert">
      <h1>A part of this page could not be loaded</h1>
      <p>The web UI was updated, or does not answer. Load the page again; unsaved text of a script is kept in this browser.</p>
      <button type="button" onClick={() => window.location.reload()}>
        Load again
      </button>
    </section>
  );
}
