/** The copy of a page that the preview shows: text and structure, without what could load, run or lead anywhere. */

/** Elements that load, run, or belong to the page's own looks, which our policy does not apply. */
const REMOVED =
  "script, style, link, meta, base, iframe, frame, frameset, object, embed, applet, audio, video, source, track, template, noscript";
const KEPT_ATTRIBUTES = new Set(["class", "id", "title", "alt", "dir", "lang", "colspan", "rowspan", "value", "placeholder"]);
const HTML = "http://www.w3.org/1999/xhtml";
/** Text that is marked; more takes long to draw. */
const MAX_MARKS = 2_000;

/**
 * @param hits nodes of `page`; their text is marked.
 * @returns HTML.
 */
export function safeCopy(page: Document, hits: readonly Node[]): string {
  const copy = page.cloneNode(true) as Document;
  const places = hits.slice(0, MAX_MARKS).map((hit) => pathOf(hit));
  for (const marked of places.map((path) => nodeAt(copy, path))) if (marked) mark(marked);
  for (const element of copy.querySelectorAll(REMOVED)) element.remove();
  for (const element of copy.querySelectorAll("*")) clean(element);
  return `<!doctype html>${copy.documentElement?.outerHTML ?? ""}`;
}

function clean(element: Element): void {
  if (element.namespaceURI !== HTML) element.remove();
  for (const { name, value } of [...element.attributes])
    if (!KEPT_ATTRIBUTES.has(name) && !(name === "src" && value.startsWith("data:image/"))) element.removeAttribute(name);
}

/** Attributes are shown as their element. */
function pathOf(node: Node): number[] {
  const path: number[] = [];
  let at = node.nodeType === Node.ATTRIBUTE_NODE ? (node as Attr).ownerElement : node;
  for (; at?.parentNode; at = at.parentNode) path.unshift([...at.parentNode.childNodes].indexOf(at as ChildNode));
  return path;
}

const nodeAt = (root: Node, path: readonly number[]): Node | undefined =>
  path.reduce<Node | undefined>((node, index) => node?.childNodes[index], root);

/** Marks each text, because an element such as a table's row cannot be inside a mark. */
function mark(node: Node): void {
  const page = node.ownerDocument ?? (node as Document);
  const texts: Node[] = node.nodeType === Node.TEXT_NODE ? [node] : [];
  const walker = page.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.nodeValue?.trim()) texts.push(walker.currentNode);
  for (const text of texts) {
    const marked = page.createElement("mark");
    text.parentNode?.replaceChild(marked, text);
    marked.append(text);
  }
}
