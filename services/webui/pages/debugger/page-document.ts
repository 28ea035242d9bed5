/** A page's HTML as an inert document: nothing of it runs or is loaded. */
import { type ElementFacts, STABLE_ATTRIBUTES, selectorCandidates } from "./selectors.ts";

export type SelectorKind = "CSS" | "XPath";

export const parsePage = (html: string): Document => new DOMParser().parseFromString(html, "text/html");

/** The nodes that a selector matches, in document order, or the value of an expression such as `count(//a)`. @throws if it is invalid. */
export function evaluateSelector(page: Document, kind: SelectorKind, selector: string): (Node | string)[] {
  if (kind === "CSS") return [...page.querySelectorAll(selector)];
  const found = page.evaluate(selector, page, null, XPathResult.ANY_TYPE, null);
  if (found.resultType === XPathResult.NUMBER_TYPE) return [String(found.numberValue)];
  if (found.resultType === XPathResult.STRING_TYPE) return [found.stringValue];
  if (found.resultType === XPathResult.BOOLEAN_TYPE) return [String(found.booleanValue)];
  const nodes: Node[] = [];
  for (let node = found.iterateNext(); node; node = found.iterateNext()) nodes.push(node);
  return nodes;
}

/** The shortest stable selector that matches only this element of the page. */
export function selectorOf(element: Element): string {
  const page = element.ownerDocument;
  const path: ElementFacts[] = [];
  for (let one: Element | null = element; one && one !== page.documentElement; one = one.parentElement) path.push(factsOf(one));
  return selectorCandidates(path).find((selector) => isOnly(page, selector)) ?? element.localName;
}

const isOnly = (page: Document, selector: string) => page.querySelectorAll(selector).length === 1;

function factsOf(element: Element): ElementFacts {
  const siblings = [...(element.parentElement?.children ?? [])].filter(({ localName }) => localName === element.localName);
  const attributes = STABLE_ATTRIBUTES.flatMap((name) => {
    const value = element.getAttribute(name);
    return value ? [[name, value] as const] : [];
  });
  return {
    tag: CSS.escape(element.localName),
    id: element.id,
    classes: [...element.classList],
    attributes: Object.fromEntries(attributes),
    place: siblings.indexOf(element) + 1,
  };
}

/** The text of a page, a line for each block that has some. */
export function textOf(page: Document): string {
  const body = page.body?.cloneNode(true) as Element | undefined;
  for (const element of body?.querySelectorAll("script, style, template") ?? []) element.remove();
  const lines = (body?.textContent ?? "").split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  return lines.filter((line) => line !== "").join("\n");
}
