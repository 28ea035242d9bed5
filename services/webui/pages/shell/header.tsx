import { logOut, logOutEverywhere } from "../api/client.ts";
import { useAction } from "../api/use-action.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { setSession } from "../session/session-store.ts";
import { FailureNotice } from "./failure-notice.tsx";
import "./header.css";
import mark from "./mark.svg";

/** The bar above every page. */
export function Header() {
  const { isBusy, failure, run, dismiss } = useAction();
  return (
    <>
      <header className="header">
        <Link href={addresses.dashboard} className="brand">
          <img src={mark} alt="" width="20" height="20" />
          Orbweaver
        </Link>
        <nav aria-label="Main">
          <Link href={addresses.dashboard}>Projects</Link>
          <Link href={addresses.cluster}>Cluster</Link>
          <a href="/api/v1/openapi.json">API</a>
        </nav>
        <div className="session">
          <button type="button" className="quiet" disabled={isBusy} onClick={() => run(async () => setSession(await logOut()))}>
            Log out
          </button>
          <button
            type="button"
            className="quiet"
            title="Ends the sessions of all browsers. The token stays valid."
            disabled={isBusy}
            onClick={() => run(async () => setSession(await logOutEverywhere()))}
          >
            Log out everywhere
          </button>
        </div>
      </header>
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
    </>
  );
}
