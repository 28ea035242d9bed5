/** The parser of the HTML standard, which makes the tree that browsers make. It is loaded at the first use: most scripts do not need it. */
import type { ChildNode, Document, Element } from "domhandler";
import { Parser, type Token } from "parse5";
import { adapter, type Htmlparser2TreeAdapterMap } from "parse5-htmlparser2-tree-adapter";
import type { ParseHtml5, ParseOptions } from "./markup-tree.ts";

/** Deeper elements become siblings of their parent, as in browsers; without a limit the parser's time is quadratic. */
export const parseHtml5: ParseHtml5 = (text, { isLinked, maxDepth }) => {
  class FlatParser extends Parser<Htmlparser2TreeAdapterMap> {
    override _insertElement(token: Token.TagToken, namespace: Parameters<Parser<Htmlparser2TreeAdapterMap>["_insertElement"]>[1]): void {
      if (this.openElements.stackTop >= maxDepth) this.openElements.pop();
      super._insertElement(token, namespace);
    }
  }
  const root = FlatParser.parse(text, { treeAdapter: adapter }) as unknown as Document;
  return { root, linked: linkedOf(root, isLinked) };
};

function linkedOf(root: Document, isLinked: ParseOptions["isLinked"]): Element[] {
  const linked: Element[] = [];
  const open: ChildNode[] = root.children.toReversed();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ("attribs" in node && isLinked(node.attribs)) linked.push(node);
    if ("children" in node) for (let index = node.children.length - 1; index >= 0; index--) open.push(node.children[index] as ChildNode);
  }
  return linked;
}
