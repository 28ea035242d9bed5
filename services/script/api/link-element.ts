/** Anything with a `href`, as `response.doc("a")` gives it. */
export interface LinkElement {
  attribs: Record<string, string>;
}
