import { useCallback } from "react";
import { getProject } from "../api/client.ts";
import type { ProjectSummary } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { ScriptEditor } from "./script-editor.tsx";

/** A project's script, to be read and changed; `line` is where to begin. */
export function ScriptPage({ project: { name, status }, line }: { project: ProjectSummary; line: number | undefined }) {
  const load = useCallback((signal: AbortSignal) => getProject(name, signal), [name]);
  const { data, failure } = useRemote(load);
  return (
    <>
      <title>{`${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      {data && <ScriptEditor name={name} script={data.script} status={status} line={line} />}
    </>
  );
}
