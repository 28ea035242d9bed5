import { putProject, runProject } from "../api/client.ts";
import type { Health } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { Link } from "../navigation/link.tsx";
import { addresses } from "../navigation/route.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import "./health-line.css";

/** The words of each remedy's button, and what it does. */
const REMEDIES: Record<Exclude<NonNullable<Health["remedy"]>, "editScript">, { text: string; act: (name: string) => Promise<unknown> }> = {
  setRunning: { text: "Set to RUNNING", act: (name) => putProject(name, { status: "RUNNING" }) },
  raiseRate: { text: "Set the rate to 1 a second", act: (name) => putProject(name, { rate: 1 }) },
  run: { text: "Run onStart", act: (name) => runProject(name) },
};

export interface HealthLineProps {
  name: string;
  health: Health;
  /** In a list: the button names its project, and the script needs a link. */
  isInList?: true;
}

/** Whether the project's tasks run; if not, why, and a button that helps. */
export function HealthLine({ name, health: { state, reason, remedy }, isInList }: HealthLineProps) {
  const { isBusy, failure, run, dismiss } = useAction();
  const help = remedy && remedy !== "editScript" ? REMEDIES[remedy] : undefined;
  return (
    <>
      <div className={`health ${state}`} {...(isInList ? {} : { role: "status" })}>
        <span>{reason}</span>
        {help && (
          <button
            type="button"
            disabled={isBusy}
            {...(isInList ? { "aria-label": `${help.text}: ${name}` } : {})}
            onClick={() => run(() => help.act(name))}
          >
            {help.text}
          </button>
        )}
        {isInList && remedy === "editScript" && (
          <Link href={addresses.script(name)} aria-label={`Open the script of ${name}`}>
            Open the script
          </Link>
        )}
      </div>
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
    </>
  );
}
