import { useState } from "react";
import { runUrl } from "../api/task-requests.ts";
import { TextField } from "../shell/text-field.tsx";
import { SettingsForm } from "./settings-form.tsx";

/** Runs one URL. */
export function RunUrlForm({ name }: { name: string }) {
  const [url, setUrl] = useState("");
  const [callback, setCallback] = useState("");
  return (
    <SettingsForm title="Run one URL" submit="Run" done="Queued" onSubmit={() => runUrl(name, url.trim(), callback.trim())}>
      <TextField label="URL" hint="It is fetched again if it was fetched before." problem={undefined} value={url} onChange={setUrl} />
      <TextField
        label="Callback"
        hint="A method of the script, such as detailPage."
        problem={undefined}
        value={callback}
        onChange={setCallback}
      />
    </SettingsForm>
  );
}
