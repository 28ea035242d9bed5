/** Anything with a `href`, such as an element of `response.doc("a")`. */
export interface LinkElement {
  attribs: Record<string, string>;
}
