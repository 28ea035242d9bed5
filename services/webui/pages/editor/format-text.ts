import type { EditorView } from "@codemirror/view";
import { askTypes } from "./types-client.ts";

/** Indents the script and sets its spaces, as one step that can be undone; lines stay. Does nothing if the text changes while it waits for the compiler. */
export async function formatText(view: EditorView): Promise<void> {
  const { doc } = view.state;
  const changes = await askTypes("format", doc.toString());
  if (changes && changes.length > 0 && view.state.doc === doc) view.dispatch({ changes, userEvent: "format" });
}
