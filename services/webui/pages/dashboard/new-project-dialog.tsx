import { type FormEvent, useId, useState } from "react";
import { listProjects, putProject } from "../api/client.ts";
import { RequestError } from "../api/request-error.ts";
import { useAction } from "../api/use-action.ts";
import { navigate } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { Dialog } from "../shell/dialog.tsx";
import { FailureNotice } from "../shell/failure-notice.tsx";
import { TextField } from "../shell/text-field.tsx";
import { checkNewProject } from "./new-project.ts";
import "./new-project-dialog.css";
import { TEMPLATES } from "./templates.ts";

/** Takes a name and a first address, creates the project and opens its script. */
export function NewProjectDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [startUrl, setStartUrl] = useState("https://example.com/");
  const [kind, setKind] = useState(TEMPLATES[0]?.kind ?? "");
  const kindId = useId();
  const [hasTried, setTried] = useState(false);
  const { isBusy, failure, run } = useAction();
  const problems = checkNewProject({ name, startUrl });
  const script = TEMPLATES.find((template) => template.kind === kind)?.scriptFor(name, startUrl) ?? "";
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (problems.name || problems.startUrl) return;
    if (await run(() => createProject(name, script))) navigate(addresses.script(name));
  };
  return (
    <Dialog title="New project" onClose={onClose}>
      <form noValidate onSubmit={onSubmit}>
        {failure && <FailureNotice failure={failure} />}
        <TextField
          label="Name"
          hint="Letters a-z, A-Z, digits and _. It cannot be changed later."
          problem={hasTried ? problems.name : undefined}
          value={name}
          onChange={setName}
        />
        <TextField
          label="First address"
          hint="Where the crawl begins. You can change the script afterwards."
          problem={hasTried ? problems.startUrl : undefined}
          value={startUrl}
          onChange={setStartUrl}
        />
        <div className="field">
          <label htmlFor={kindId}>Kind of site</label>
          <select id={kindId} value={kind} onChange={({ target }) => setKind(target.value)}>
            {TEMPLATES.map((template) => (
              <option key={template.kind}>{template.kind}</option>
            ))}
          </select>
        </div>
        <details>
          <summary>The initial script</summary>
          <pre className="starting-script">{script}</pre>
        </details>
        <div className="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={isBusy}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Creates a project. The API would replace the script of an existing one, so this checks for it first. */
async function createProject(name: string, script: string): Promise<void> {
  const existing = await listProjects(name).load();
  if (existing.length > 0) {
    throw new RequestError(409, `A project ${name} already exists. Choose another name.`);
  }
  await putProject(name, { script });
}
