import { useId, useState } from "react";
import { RequestError } from "../api/request-error.ts";
import { sendMessage } from "../api/task-requests.ts";
import { TextField } from "../shell/text-field.tsx";
import { SettingsForm } from "./settings-form.tsx";

/** Sends the script's onMessage a JSON value. */
export function MessageForm({ name }: { name: string }) {
  const id = useId();
  const [text, setText] = useState("");
  const [url, setUrl] = useState("");
  return (
    <SettingsForm
      title="Send a message"
      submit="Send"
      done="Queued"
      onSubmit={async () => sendMessage(name, parseMessage(text), url.trim())}
    >
      <div className="field">
        <label htmlFor={`${id}-message`}>Message</label>
        <textarea
          id={`${id}-message`}
          rows={3}
          spellCheck={false}
          aria-describedby={`${id}-hint`}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <p id={`${id}-hint`} className="hint">
          JSON for onMessage of the script, such as {'{ "page": 2 }'}.
        </p>
      </div>
      <TextField
        label="URL of the message (optional)"
        hint="Results replace those of an earlier message with the same URL."
        problem={undefined}
        value={url}
        onChange={setUrl}
      />
    </SettingsForm>
  );
}

/** @throws RequestError */
function parseMessage(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError(400, 'This is not JSON. Texts need quotes: "hello".');
  }
}
