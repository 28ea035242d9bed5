import { useState } from "react";
import { copyProject } from "../api/copy-project.ts";
import { navigate } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { TextField } from "../shell/text-field.tsx";
import { SettingsForm } from "./settings-form.tsx";

/** Copies the project's script and settings. */
export function CopyForm({ name }: { name: string }) {
  const [copy, setCopy] = useState("");
  const submit = async () => {
    await copyProject(name, copy.trim());
    navigate(addresses.script(copy.trim()));
  };
  return (
    <SettingsForm title="Copy the project" submit="Copy" done="" onSubmit={submit}>
      <TextField
        label="Name of the copy"
        hint="It has the same script and settings, no tasks and no results, and it does not run yet."
        problem={undefined}
        value={copy}
        onChange={setCopy}
      />
    </SettingsForm>
  );
}
