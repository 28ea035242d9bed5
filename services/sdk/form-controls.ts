/** The controls of a form and what each of them submits (HTML standard, "constructing the form data set"). */
import type { CheerioAPI } from "cheerio/slim";
import type { Element } from "domhandler";
import type { Field } from "./fields.ts";

/** Controls in the form and those that name it, in document order. */
export function controlsOf(doc: CheerioAPI, form: Element): Element[] {
  const { id } = form.attribs;
  return (doc("button, input, select, textarea, object").toArray() as Element[]).filter((control) => {
    const owner = control.attribs.form;
    if (owner !== undefined) return owner === id && id !== "";
    return doc(control).closest("form")[0] === form;
  });
}

const typeOf = ({ name, attribs }: Element) =>
  attribs.type?.trim().toLowerCase() ?? (name === "button" ? "submit" : name === "input" ? "text" : name);
const isSubmit = (control: Element) =>
  control.name === "button"
    ? typeOf(control) !== "reset" && typeOf(control) !== "button"
    : control.name === "input" && ["submit", "image"].includes(typeOf(control));

export function clickedButton(doc: CheerioAPI, controls: Element[], button: string | false | undefined): Element | undefined {
  if (button === false) return undefined;
  const buttons = controls.filter(isSubmit);
  // The Enter key does nothing where the first button is disabled; a script means the next one.
  if (button === undefined) return buttons.find((one) => !isDisabled(doc, one));
  const chosen = buttons.find((one) => doc(one).is(button));
  if (chosen === undefined) throw new TypeError(`form() found no submit button for ${JSON.stringify(button)} in the form`);
  return chosen;
}

/** By itself or by a fieldset, except in the fieldset's first legend. */
function isDisabled(doc: CheerioAPI, control: Element): boolean {
  if (control.attribs.disabled !== undefined) return true;
  return (doc(control).closest("fieldset[disabled]").toArray() as Element[]).some((fieldset) => {
    const legend = doc(fieldset).children("legend").first();
    return legend.length === 0 || doc(control).closest(legend).length === 0;
  });
}

const UNCHECKED = new Set(["checkbox", "radio"]);

/** What a submission has to know. */
export interface Submitting {
  doc: CheerioAPI;
  clicked: Element | undefined;
  /** The name of the form's encoding. */
  charset: string;
}

/** The fields of a control, without those of file inputs. */
export function fieldsOf(control: Element, { doc, clicked, charset }: Submitting): Field[] {
  const { name: element, attribs } = control;
  const type = typeOf(control);
  const name = attribs.name ?? "";
  if (isDisabled(doc, control) || element === "object") return [];
  if (element === "button" || ["submit", "image", "reset", "button"].includes(type)) {
    if (control !== clicked) return [];
    const prefix = name === "" ? "" : `${name}.`;
    if (element === "input" && type === "image")
      return [
        [`${prefix}x`, "0"],
        [`${prefix}y`, "0"],
      ];
    return name === "" ? [] : [[name, attribs.value ?? ""]];
  }
  if (name === "" || type === "file" || (UNCHECKED.has(type) && attribs.checked === undefined)) return [];
  if (element === "select") return optionsOf(doc, control).map((value): Field => [name, value]);
  // A parser drops the line break that begins a textarea.
  if (element === "textarea")
    return [
      [
        name,
        doc(control)
          .text()
          .replace(/^\r?\n/, ""),
      ],
    ];
  if (type === "hidden" && name.toLowerCase() === "_charset_") return [[name, charset]];
  return [[name, attribs.value ?? (UNCHECKED.has(type) ? "on" : "")]];
}

/** The values of the selected options; of a list that shows one option, the last selected or the first enabled one. */
function optionsOf(doc: CheerioAPI, select: Element): string[] {
  const all = (doc(select).find("option").toArray() as Element[]).map((option) => ({
    isSelected: option.attribs.selected !== undefined,
    isEnabled: option.attribs.disabled === undefined && doc(option).closest("optgroup[disabled]").length === 0,
    value: option.attribs.value ?? doc(option).text().replace(/\s+/g, " ").trim(),
  }));
  const selected = all.filter(({ isSelected }) => isSelected);
  if (select.attribs.multiple !== undefined) return selected.filter(({ isEnabled }) => isEnabled).map(({ value }) => value);
  const isOne = !(Number(select.attribs.size) > 1);
  const shown = selected.at(-1) ?? (isOne ? all.find(({ isEnabled }) => isEnabled) : undefined);
  return shown?.isEnabled ? [shown.value] : [];
}

/** The names of the file inputs. */
export const fileInputsOf = (doc: CheerioAPI, controls: Element[]): string[] =>
  controls
    .filter((control) => control.name === "input" && typeOf(control) === "file" && control.attribs.name && !isDisabled(doc, control))
    .map(({ attribs }) => attribs.name as string);
