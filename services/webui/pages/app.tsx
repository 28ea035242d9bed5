import { useRef } from "react";
import { LoginPage } from "./login/login-page.tsx";
import { useRoute } from "./navigation/use-route.ts";
import { CurrentPage } from "./pages.tsx";
import { useSession } from "./session/use-session.ts";
import { FailureNotice } from "./shell/failure-notice.tsx";
import { Header } from "./shell/header.tsx";
import { MainRegion } from "./shell/main-region.tsx";

/**
 * The frame of the current page. When the session ends, the login covers the page without replacing it, so that unsaved input
 * stays.
 */
export function App() {
  const route = useRoute();
  const session = useSession();
  const wasLoggedIn = useRef(false);
  if (session.isLoggedIn) wasLoggedIn.current = true;
  const needsLogin = session.isKnown && !session.isLoggedIn;
  return (
    <>
      {session.failure && (
        <main className="page">
          <FailureNotice failure={session.failure} />
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
