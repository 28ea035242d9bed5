/** The values of the options of rendered pages that have parts: their types, and the checks of the table of fetch options. */
import { type Check, isCount, isObject, isStorable } from "./checks.ts";

/** As `TIME_LIMITS.longestFetchMs`. */
const MAX_WAIT_MS = 600_000;
/** Far more than a form has fields; each action may take as long as the page. */
const MAX_ACTIONS = 100;
/** Characters of a selector, a text or a pattern. */
const MAX_TEXT = 1_000;

/**
 * What a rendered page has to have before it is read: an element that matches a CSS selector, a text, the answer to a request, a number of
 * milliseconds from 0 to 600,000, or half a second without a request.
 */
export type WaitFor = "networkidle" | (string & {}) | { text: string } | { request: string } | number;

/** One step in a rendered page. */
export type Action =
  | { click: string }
  /** Types `text` into the field that matches the selector, in place of its value. */
  | { type: string; text: string }
  /** Chooses the option of a `<select>` by its value. */
  | { select: string; value: string }
  /** Scrolls down until the page grows no more. */
  | { scroll: "end" }
  | { waitFor: WaitFor };

/** Kinds of resources that a rendered page can do without. */
export const RESOURCE_KINDS = ["image", "font", "stylesheet", "media", "script", "xhr"] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];

const isShort: Check = (value) => isStorable(value) && value.length > 0 && value.length <= MAX_TEXT;
const hasOnly = (value: Record<string, unknown>, ...names: string[]) => Object.keys(value).sort().join() === names.sort().join();

/** For the table of fetch options. */
export const isWaitFor: Check = (value) => {
  if (typeof value === "number") return isCount(value) && value <= MAX_WAIT_MS;
  if (!isObject(value)) return isShort(value);
  return (hasOnly(value, "text") && isShort(value.text)) || (hasOnly(value, "request") && isShort(value.request));
};

const isAction: Check = (value) =>
  isObject(value) &&
  ((hasOnly(value, "click") && isShort(value.click)) ||
    (hasOnly(value, "type", "text") && isShort(value.type) && isStorable(value.text)) ||
    (hasOnly(value, "select", "value") && isShort(value.select) && isStorable(value.value)) ||
    (hasOnly(value, "scroll") && value.scroll === "end") ||
    (hasOnly(value, "waitFor") && isWaitFor(value.waitFor)));

/** For the table of fetch options. */
export const isActions: Check = (value) => Array.isArray(value) && value.length <= MAX_ACTIONS && value.every(isAction);

/** For the table of fetch options. */
export const isResourceKinds: Check = (value) =>
  Array.isArray(value) && value.length <= RESOURCE_KINDS.length && value.every((kind) => RESOURCE_KINDS.includes(kind));

/** For the table of fetch options. */
export const isUrlPattern: Check = isShort;

/**
 * Whether a URL contains a pattern, in which `*` stands for any characters: `/api/*page=2`. In linear time, because patterns are untrusted.
 */
export function matchesPattern(url: string, pattern: string): boolean {
  let from = 0;
  for (const part of pattern.split("*")) {
    const at = url.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}
