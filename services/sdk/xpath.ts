/** XPath 1.0 on cheerio's nodes, which lack some DOM properties that the `xpath` package reads. */
import type { AnyNode, Document, Element } from "domhandler";

/** The used parts of the package `xpath`, whose own types leave them out. */
export interface XPathEngine {
  parse(expression: string): { evaluate(options: { node: object; isHtml: boolean; namespaces(prefix: string): string }): XPathValue };
  XNumber: new () => XPathValue & { num: number };
  XBoolean: new () => XPathValue & { b: boolean };
}

interface XPathValue {
  /** Only of node sets. */
  toArray?(): Wrapped[];
  stringValue(): string;
}

let load: () => XPathEngine;
let engine: XPathEngine | undefined;

/** Called once, before any script is loaded; the package itself runs at the first expression. */
export function connectXPath(loader: () => XPathEngine): void {
  load = loader;
}

/**
 * Returns elements in document order, attributes and texts as text; a number, text or boolean as an array with one value.
 *
 * A prefix is part of the name: `//dc:creator` finds elements with that prefix; a name without prefix, elements without. Case is ignored.
 *
 * @param context where a relative expression begins.
 * @throws TypeError for an invalid XPath 1.0 expression.
 */
export function evaluateXPath(expression: string, root: Document, context: AnyNode = root): unknown[] {
  engine ??= load();
  try {
    const node = new Tree(root).wrap(context);
    const value = engine.parse(expression).evaluate({ node, isHtml: true, namespaces: (prefix) => prefix });
    if (value.toArray) return value.toArray().map((one) => one.result ?? one.nodeValue);
    if (value instanceof engine.XNumber) return [value.num];
    return [value instanceof engine.XBoolean ? value.b : value.stringValue()];
  } catch (error) {
    throw new TypeError(
      `xpath() takes an XPath 1.0 expression, not ${JSON.stringify(expression).slice(0, 200)}: ${(error as Error).message}`,
    );
  }
}

interface Wrapped {
  /** The value that a script gets for it; absent from the package's own nodes, which are namespaces. */
  readonly result?: unknown;
  readonly nodeValue: string;
}

/** DOM's numbers of node types. */
const TYPES: Record<string, number> = { tag: 1, script: 1, style: 1, text: 3, cdata: 4, directive: 7, comment: 8, root: 9 };

/** One document, during one expression: a script may change it between two. */
class Tree {
  readonly root: Document;
  readonly #wrapped = new Map<AnyNode, WrappedNode>();
  #places: Map<AnyNode, number> | undefined;

  constructor(root: Document) {
    this.root = root;
  }

  wrap(node: AnyNode): WrappedNode {
    let wrapped = this.#wrapped.get(node);
    if (!wrapped) {
      wrapped = new WrappedNode(node, this);
      this.#wrapped.set(node, wrapped);
    }
    return wrapped;
  }

  /** In document order. */
  placeOf(node: AnyNode): number {
    this.#places ??= numberNodes(this.root);
    return this.#places.get(node) ?? 0;
  }
}

function numberNodes(root: Document): Map<AnyNode, number> {
  const places = new Map<AnyNode, number>();
  // Without recursion, because pages may nest to any depth.
  for (let node: AnyNode | null = root; node; ) {
    places.set(node, places.size + 1);
    let next: AnyNode | null = ("children" in node && node.children[0]) || node.next;
    for (let parent = node.parent; !next && parent; parent = parent.parent) next = parent.next;
    node = next;
  }
  return places;
}

/** `"dc:creator"` -> the prefix is the namespace, and resolves to itself. */
class Named {
  readonly nodeName: string;
  readonly localName: string;
  readonly prefix: string | null;
  readonly namespaceURI: string | null;

  constructor(name: string) {
    const colon = name.indexOf(":");
    this.nodeName = name;
    this.localName = name.slice(colon + 1);
    this.prefix = colon > 0 ? name.slice(0, colon) : null;
    this.namespaceURI = this.prefix;
  }
}

class WrappedNode extends Named {
  readonly nodeType: number;
  readonly node: AnyNode;
  readonly tree: Tree;
  #attributes: WrappedAttribute[] | undefined;

  constructor(node: AnyNode, tree: Tree) {
    super("name" in node ? node.name : "");
    this.nodeType = TYPES[node.type] ?? 8;
    this.node = node;
    this.tree = tree;
  }

  get result(): unknown {
    return this.nodeType === 1 || this.nodeType === 9 ? this.node : this.nodeValue;
  }

  get nodeValue(): string {
    if (this.node.type === "cdata") return this.node.children.map((child) => ("data" in child ? child.data : "")).join("");
    return "data" in this.node ? this.node.data : "";
  }

  get ownerDocument() {
    return this.tree.wrap(this.tree.root);
  }

  get parentNode(): WrappedNode | null {
    return this.#other(this.node.parent);
  }

  get firstChild(): WrappedNode | null {
    return this.node.type !== "cdata" && "children" in this.node ? this.#other(this.node.children[0]) : null;
  }

  get nextSibling(): WrappedNode | null {
    return this.#other(this.node.next);
  }

  get previousSibling(): WrappedNode | null {
    return this.#other(this.node.prev);
  }

  get attributes() {
    this.#attributes ??= Object.entries((this.node as Element).attribs ?? {}).map(
      ([name, value], index) => new WrappedAttribute(name, value, { owner: this, index }),
    );
    const all = this.#attributes;
    return { length: all.length, item: (index: number) => all[index] };
  }

  getAttribute(name: string): string | null {
    return (this.node as Element).attribs?.[name] ?? null;
  }

  getAttributeNS(_namespace: string | null, name: string): string | null {
    return this.getAttribute(name);
  }

  get place(): number {
    return this.tree.placeOf(this.node);
  }

  compareDocumentPosition(other: { place: number }): number {
    return compare(this, other);
  }

  #other(node: AnyNode | null | undefined): WrappedNode | null {
    return node ? this.tree.wrap(node) : null;
  }
}

class WrappedAttribute extends Named {
  readonly nodeType = 2;
  readonly value: string;
  readonly ownerElement: WrappedNode;
  readonly #index: number;

  constructor(name: string, value: string, { owner, index }: { owner: WrappedNode; index: number }) {
    super(name);
    this.value = value;
    this.ownerElement = owner;
    this.#index = index;
  }

  get result(): string {
    return this.value;
  }

  get nodeValue(): string {
    return this.value;
  }

  get ownerDocument() {
    return this.ownerElement.ownerDocument;
  }

  /** After its element and before the element's content. */
  get place(): number {
    return this.ownerElement.place + (this.#index + 1) / 1e6;
  }

  compareDocumentPosition(other: { place: number }): number {
    return compare(this, other);
  }
}

/** DOM's bits: 2, the other precedes; 4, it follows. */
const compare = (one: { place: number }, other: { place: number }) => (other.place < one.place ? 2 : 4);
