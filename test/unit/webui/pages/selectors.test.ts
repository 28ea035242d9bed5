import assert from "node:assert/strict";
import { test } from "node:test";
import { type ElementFacts, selectorCandidates } from "../../../../services/webui/pages/debugger/selectors.ts";

const element = (tag: string, fields: Partial<ElementFacts> = {}): ElementFacts => ({
  ...{ tag, id: "", classes: [], attributes: {}, place: 1 },
  ...fields,
});

test("an id, an attribute that says what it is, and a class come before the tag", () => {
  const price = element("p", { id: "price", classes: ["amount"], attributes: { itemprop: "price" } });

  assert.deepEqual(selectorCandidates([price]).slice(0, 4), ["#price", '[itemprop="price"]', "p.amount", "p"]);
});

test("names that a program made are not used", () => {
  const made = element("div", { id: "item48213", classes: ["css-1x2y3z", "sc-bdvvtqfg", "title"] });

  assert.deepEqual(selectorCandidates([made]), ["div.title", "div", "div:nth-of-type(1)"]);
});

test("below an ancestor the shortest comes first, and the places of all elements come last", () => {
  const candidates = selectorCandidates([element("a", { place: 2 }), element("li"), element("ul", { id: "books" })]);

  assert.deepEqual(candidates, ["a", "li a", "ul a", "#books a", "ul:nth-of-type(1) > li:nth-of-type(1) > a:nth-of-type(2)"]);
});

test("a quote in an attribute is escaped", () => {
  assert.equal(selectorCandidates([element("a", { attributes: { name: 'a"b' } })])[0], '[name="a\\"b"]');
});
