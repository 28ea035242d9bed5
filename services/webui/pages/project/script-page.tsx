import { getProject } from "../api/client.ts";
import type { ProjectSummary } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { ScriptEditor } from "./script-editor.tsx";

/** A project's script, to read and edit; `line` is the initial line. */
export function ScriptPage({ project: { name, status }, line }: { project: ProjectSummary; line: number | undefined }) {
  const { data, failure } = useRemote(getProject(name));
  return (
    <>
      <title>{`${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      {data && <ScriptEditor project={data} status={status} line={line} />}
    </>
  );
}
