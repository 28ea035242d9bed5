import { EditorView } from "@codemirror/view";

/**
 * Replaces a selection by what is typed over it. Chromium would do it with a styled element, which the content security policy refuses with
 * an error in the console.
 */
export const typedOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType } = event;
    const { ranges, main } = view.state.selection;
    if (inputType !== "insertText" || !data || ranges.length > 1 || main.empty || view.composing) return false;
    const insert = () => view.state.update(view.state.replaceSelection(data), { userEvent: "input.type", scrollIntoView: true });
    const isHandled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, main.from, main.to, data, insert));
    if (!isHandled) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});
