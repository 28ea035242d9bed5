/** A page's document with the contents of its frames and of its shadow trees. */
import type { Page as BrowserPage, ElementHandle, Frame } from "puppeteer-core";

/** Pages with more have them for advertisements. */
const MAX_FRAMES = 200;

interface Flattened {
  html: string;
  /** The addresses of frames whose content is missing. */
  missing: string[];
}

/** The content of a frame, and the element that shows it. */
interface Part {
  url: string;
  html: string;
  element: ElementHandle<unknown>;
}

/**
 * The page's HTML. In place of each frame is `<div data-frame="URL">` with the content of the frame's body, and the content of an element with an open
 * shadow root is its shadow tree, with the element's own children in its slots. Rejects with Chromium's errors.
 */
export async function flattenedContent(page: BrowserPage): Promise<Flattened> {
  const missing: string[] = [];
  let room = MAX_FRAMES;
  const contentOf = async (frame: Frame): Promise<string> => {
    const parts = await Promise.all(frame.childFrames().map(partOf));
    const kept = parts.filter((part) => part !== undefined);
    const texts = kept.map(({ url, html }) => ({ url, html }));
    return (await frame.evaluate(flattenDocument, frame.parentFrame() === null, texts, ...kept.map(({ element }) => element))) as string;
  };
  const partOf = async (frame: Frame): Promise<Part | undefined> => {
    const url = frame.url();
    if (room-- <= 0) return void missing.push(url);
    // A frame may be gone by now.
    const [element, html] = await Promise.all([frame.frameElement(), contentOf(frame)]).catch(() => []);
    if (!element || html === undefined) return void missing.push(url);
    return { url, html, element };
  };
  return { html: await contentOf(page.mainFrame()), missing };
}

/** The parts of the DOM that are used here, as there are no types of it. */
interface DomNode {
  localName?: string;
  childNodes: Iterable<DomNode>;
  shadowRoot?: DomNode | null;
  content?: DomNode;
  innerHTML: string;
  outerHTML: string;
  getRootNode(): DomNode;
  assignedNodes(): DomNode[];
  append(child: DomNode): void;
  setAttribute(name: string, value: string): void;
}
interface DomDocument extends DomNode {
  doctype: { name: string } | null;
  documentElement: DomNode;
  body: DomNode | null;
  implementation: { createHTMLDocument(title: string): DomDocument };
  createElement(name: string): DomNode;
  importNode(node: DomNode, deep: boolean): DomNode;
}

/** Runs in a frame. The copy belongs to a document that loads and runs nothing. */
function flattenDocument(isTop: boolean, parts: { url: string; html: string }[], ...frames: unknown[]): string {
  const { document } = globalThis as unknown as { document: DomDocument };
  const inert = document.implementation.createHTMLDocument("");
  const frameOf = (at: number): DomNode => {
    const box = inert.createElement("div");
    box.setAttribute("data-frame", parts[at]?.url ?? "");
    box.innerHTML = parts[at]?.html ?? "";
    return box;
  };
  const copyOf = (node: DomNode): DomNode[] => {
    const at = frames.indexOf(node);
    if (at !== -1) return [frameOf(at)];
    if (node.localName === "slot" && node.getRootNode() !== document) {
      const assigned = node.assignedNodes();
      return [...(assigned.length > 0 ? assigned : node.childNodes)].flatMap(copyOf);
    }
    // A frameset has no other content than frames.
    const copy = node.localName === "frameset" ? inert.createElement("body") : inert.importNode(node, false);
    for (const child of (node.shadowRoot ?? node).childNodes) for (const one of copyOf(child)) copy.append(one);
    if (node.localName === "template" && node.content) copy.innerHTML = node.innerHTML;
    return [copy];
  };
  const [root] = copyOf(isTop ? document.documentElement : (document.body ?? document.documentElement));
  if (!isTop) return root?.innerHTML ?? "";
  return `${document.doctype ? `<!DOCTYPE ${document.doctype.name}>` : ""}${root?.outerHTML ?? ""}`;
}
