import { useId, useState } from "react";
import { groupHas } from "../../../core/protocol/project-group.ts";
import { putProject } from "../api/client.ts";
import type { SummaryRow } from "../api/types.ts";
import { TextField } from "../shell/text-field.tsx";
import { withLock } from "./group-words.ts";
import { SettingsForm } from "./settings-form.tsx";

/** Labels, lock, comment and pace of a project. */
export function FieldsForm({ project }: { project: SummaryRow }) {
  const id = useId();
  const [group, setGroup] = useState(project.group);
  const [comments, setComments] = useState(project.comments);
  const [rate, setRate] = useState(String(project.rate));
  const [burst, setBurst] = useState(String(project.burst));
  const save = () => putProject(project.name, { group, comments, rate: Number(rate || Number.NaN), burst: Number(burst || Number.NaN) });
  return (
    <SettingsForm title="Project" submit="Save" done="Saved" onSubmit={save}>
      <TextField
        label="Labels"
        hint="Words for the filter of the dashboard. With the word delete, a stopped project is deleted after a day."
        problem={undefined}
        value={group}
        onChange={setGroup}
      />
      <p className="field">
        <span>
          <input
            id={`${id}-lock`}
            type="checkbox"
            checked={groupHas(group, "lock")}
            onChange={({ target }) => setGroup(withLock(group, target.checked))}
          />{" "}
          <label htmlFor={`${id}-lock`}>Locked: it cannot be changed, cleared or deleted until it is unlocked</label>
        </span>
      </p>
      <div className="field">
        <label htmlFor={`${id}-comments`}>Comment</label>
        <textarea id={`${id}-comments`} rows={3} value={comments} onChange={({ target }) => setComments(target.value)} />
      </div>
      <div className="two">
        <TextField label="Rate" hint="Pages a second; 0 holds the project." problem={undefined} value={rate} onChange={setRate} />
        <TextField label="Burst" hint="Pages that may start at once." problem={undefined} value={burst} onChange={setBurst} />
      </div>
    </SettingsForm>
  );
}
