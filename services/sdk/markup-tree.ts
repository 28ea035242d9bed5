import type { Document, Element } from "domhandler";

export interface ParseOptions {
  isXml: boolean;
  isLinked: (attribs: Record<string, string>) => boolean;
}

/** The page's tree, and its elements whose attributes `isLinked` selects, in document order. */
export interface MarkupTree {
  root: Document;
  linked: Element[];
}

/** `maxDepth`: deeper elements become siblings of their parent. */
export type ParseHtml5 = (text: string, options: Pick<ParseOptions, "isLinked"> & { maxDepth: number }) => MarkupTree;
