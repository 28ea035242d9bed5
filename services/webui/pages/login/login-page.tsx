import { type FormEvent, useId, useState } from "react";
import { getSession, logIn } from "../api/client.ts";
import { RequestError } from "../api/request-error.ts";
import { useAction } from "../api/use-action.ts";
import { setSession } from "../session/session-store.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import mark from "../shell/mark.svg";
import "./login-page.css";

/** Exchanges the administrator's token for a session. */
export function LoginPage() {
  const [token, setToken] = useState("");
  const { isBusy, failure, run } = useAction();
  const inputId = useId();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await logIn(token).catch(explainWrongToken);
      setSession(await getSession().load());
    });
  };
  return (
    <main className="login">
      <title>Log in · Orbweaver</title>
      <form className="panel" onSubmit={onSubmit}>
        <h1>
          <img src={mark} alt="" width="28" height="28" /> Orbweaver
        </h1>
        {failure && <FailureNotice failure={failure} />}
        <div className="field">
          <label htmlFor={inputId}>Administrator's token</label>
          <input
            id={inputId}
            type="password"
            autoComplete="current-password"
            required
            // biome-ignore lint/a11y/noAutofocus: the only input of the page
            autoFocus
            value={token}
            onChange={({ target }) => setToken(target.value)}
          />
          <p className="hint">
            <code>./orb token</code> prints it, on the machine where <code>./orb start</code> runs.
          </p>
        </div>
        <button type="submit" className="primary" disabled={isBusy}>
          Log in
        </button>
      </form>
    </main>
  );
}

/** The API's message is for programs, and a 401 elsewhere means that a session has ended. */
function explainWrongToken(error: unknown): never {
  if (!(error instanceof RequestError) || error.status !== 401) throw error;
  throw new RequestError(403, "The token is wrong. Copy the whole line that ./orb token prints.");
}
