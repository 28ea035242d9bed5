import { getProject } from "../api/client.ts";
import type { ProjectSummary } from "../api/types.ts";
import { useRemote } from "../api/use-remote.ts";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { ScriptEditor } from "./script-editor.tsx";

interface ScriptPageProps {
  project: ProjectSummary;
  line: number | undefined;
  taskid: string | undefined;
}

/** A project's script, to read and edit; `line` is the initial line, and `taskid` a task to debug. */
export function ScriptPage({ project: { name, status, keepPages }, line, taskid }: ScriptPageProps) {
  const { data, failure } = useRemote(getProject(name));
  return (
    <>
      <title>{`${name} · Orbweaver`}</title>
      {failure && <FailureNotice failure={failure} />}
      {data && <ScriptEditor project={data} status={status} keepPages={keepPages} line={line} taskid={taskid} />}
    </>
  );
}
