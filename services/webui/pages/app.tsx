import { useEffect, useRef } from "react";
import { getSession } from "./api/client.ts";
import { useAction } from "./api/use-action.ts";
import { LoginPage } from "./login/login-page.tsx";
import { useRoute } from "./navigation/use-route.ts";
import { CurrentPage } from "./pages.tsx";
import { setSession } from "./session/session-store.ts";
import { useSession } from "./session/use-session.ts";
import { FailureNotice } from "./shell/failure-notice.tsx";
import { Header } from "./shell/header.tsx";
import { MainRegion } from "./shell/main-region.tsx";

/**
 * The shell round the current page. When the session ends, the login covers the page and does not replace it: what was being written is
 * still there afterwards, at the same address.
 */
export function App() {
  const route = useRoute();
  const session = useSession();
  const wasLoggedIn = useRef(false);
  const { failure, run } = useAction();
  useEffect(() => {
    void run(async () => setSession(await getSession()));
  }, [run]);
  if (session.isLoggedIn) wasLoggedIn.current = true;
  const needsLogin = session.isKnown && !session.isLoggedIn;
  return (
    <>
      {failure && (
        <main className="page">
          <FailureNotice failure={failure} />
        </main>
      )}
      {needsLogin && <LoginPage />}
      {wasLoggedIn.current && (
        <div hidden={needsLogin}>
          <Header />
          <MainRegion pageKey={"project" in route ? `${route.page} ${route.project}` : route.page}>
            <CurrentPage route={route} />
          </MainRegion>
        </div>
      )}
    </>
  );
}
