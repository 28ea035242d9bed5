import { useEffect, useState } from "react";
import { getVersion, listVersions } from "../api/client.ts";
import type { ScriptVersion } from "../api/types.ts";
import { useAction } from "../api/use-action.ts";
import { CodeDiff } from "../editor/code-diff.tsx";
import { formatBytes } from "../shell/amounts.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";

export interface ScriptHistoryProps {
  name: string;
  /** The editor's text. */
  text: string;
  /** Of the stored script: when it changes, there is a new version. */
  savedHash: string;
  /** Takes a version's text into the editor; saving it is up to the user. */
  onRestore: (text: string) => void;
}

const WHEN = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });

/** Earlier scripts: how the editor's text differs from a chosen one, which can be restored. */
export function ScriptHistory({ name, text, savedHash, onRestore }: ScriptHistoryProps) {
  const [versions, setVersions] = useState<ScriptVersion[]>();
  const [shown, setShown] = useState<ScriptVersion & { script: string }>();
  const { failure, run, dismiss } = useAction();
  const show = (id: number) => run(async () => setShown(await getVersion(name, id).load()));

  // biome-ignore lint/correctness/useExhaustiveDependencies: the hash stands for the list.
  useEffect(() => {
    void run(async () => setVersions((await listVersions(name).load()).versions));
  }, [name, savedHash, run]);

  return (
    <section className="history panel" aria-label="History of the script">
      {failure && <FailureNotice failure={failure} onDismiss={dismiss} />}
      <div className="script-bar">
        <label>
          Version{" "}
          <select value={shown?.id ?? ""} onChange={({ target }) => void show(Number(target.value))}>
            <option value="" disabled>
              {versions?.length === 0 ? "none was saved yet" : "choose one to compare with"}
            </option>
            {versions?.map(({ id, saved, bytes, sourceHash }) => (
              <option key={id} value={id}>
                {WHEN.format(saved * 1_000)}, {formatBytes(bytes)}
                {sourceHash === savedHash ? ", as it is stored" : ""}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={!shown || shown.script === text} onClick={() => shown && onRestore(shown.script)}>
          Restore
        </button>
      </div>
      {shown && shown.script === text && <p className="muted">The editor has the text of this version.</p>}
      {shown && shown.script !== text && (
        <>
          <p>Red lines are this version's, green lines are the editor's.</p>
          <CodeDiff label="Differences from this version" before={shown.script} after={text} />
        </>
      )}
    </section>
  );
}
