import { DomHandler, type Element } from "domhandler";
import { Parser } from "htmlparser2";
import type { MarkupTree, ParseHtml5, ParseOptions } from "./markup-tree.ts";

/** As in Chromium, deeper elements become siblings of their parent. Selectors, texts and the parser recurse per level, and a page may have a million levels. */
const MAX_DEPTH = 512;

/** Private parts of htmlparser2: the open elements, the innermost first. */
interface OpenElements {
  stack: string[];
  foreignContext: unknown[];
}

class FlatHandler extends DomHandler {
  readonly linked: Element[] = [];
  readonly #isLinked: (attribs: Record<string, string>) => boolean;
  #parser: OpenElements | undefined;

  constructor(isXml: boolean, isLinked: (attribs: Record<string, string>) => boolean) {
    super(undefined, { xmlMode: isXml });
    this.#isLinked = isLinked;
  }

  override onparserinit(parser: Parser): void {
    super.onparserinit(parser);
    this.#parser = parser as unknown as OpenElements;
  }

  override onopentag(name: string, attribs: Record<string, string>): void {
    if (this.tagStack.length > MAX_DEPTH) this.#closeParent();
    super.onopentag(name, attribs);
    if (this.#isLinked(attribs)) this.linked.push(this.tagStack[this.tagStack.length - 1] as Element);
  }

  /** The new element itself is on the parser's stack already. */
  #closeParent(): void {
    super.onclosetag();
    if (!this.#parser) return;
    const { stack, foreignContext } = this.#parser;
    stack[0] = stack.shift() as string;
    if (foreignContext.length > MAX_DEPTH) foreignContext.length = MAX_DEPTH;
  }
}

/** The page's tree, no deeper than in browsers. */
export function parseMarkup(text: string, { isXml, isLinked }: ParseOptions): MarkupTree {
  const handler = new FlatHandler(isXml, isLinked);
  new Parser(handler, { xmlMode: isXml, decodeEntities: true }).end(text);
  return { root: handler.root, linked: handler.linked };
}

let loadHtml5: () => ParseHtml5;

/** Called once, before any script is loaded; parse5 itself runs at the first document. */
export function connectHtml5(loader: () => ParseHtml5): void {
  loadHtml5 = loader;
}

/** As `parseMarkup`, by the rules of the HTML standard. */
export const parseAsBrowsers = (text: string, isLinked: ParseOptions["isLinked"]): MarkupTree =>
  loadHtml5()(text, { isLinked, maxDepth: MAX_DEPTH });
