import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyNode, Document } from "domhandler";
import { parseMarkup } from "../../../services/sdk/parse.ts";

const parse = (text: string, isXml = false) => parseMarkup(text, { isXml, isLinked: (attribs) => "href" in attribs });

function depthOf(root: Document): number {
  let deepest = 0;
  const waiting: [AnyNode, number][] = [[root, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, depth] = next;
    deepest = Math.max(deepest, depth);
    if ("children" in node) for (const child of node.children) waiting.push([child, depth + 1]);
  }
  return deepest;
}

/** `<a><b>x</b></a>` for a tree. */
const written = (nodes: readonly AnyNode[]): string =>
  nodes
    .map((node) => {
      if ("name" in node && "children" in node) return `<${node.name}>${written(node.children)}</${node.name}>`;
      return "data" in node ? node.data : "";
    })
    .join("");

test("a page with usual nesting stays unchanged", () => {
  const text = `${"<div>".repeat(500)}<b>x</b>${"</div>".repeat(500)}<p>after</p>`;

  assert.equal(written(parse(text).root.children), text);
});

for (const tag of ["div", "svg", "b", "table", "form"]) {
  test(`100,000 nested <${tag}> become a tree of 512 levels with all elements`, { timeout: 20_000 }, () => {
    const { root } = parse(`${`<${tag}>`.repeat(100_000)}<i>x</i>`);

    assert.ok(depthOf(root) <= 514, `${depthOf(root)} levels`);
    assert.ok(written(root.children).includes("<i>x</i>"));
  });
}

test("elements below the maximum depth become siblings, and closed elements stay closed", () => {
  const { root } = parse(`${"<div>".repeat(511)}<p><b>1</b><i>2</i></p>${"</div>".repeat(511)}<u>3</u>`);

  const text = written(root.children);
  assert.ok(text.includes("<div><p></p><b>1</b><i>2</i>"), text.slice(2_500, 2_700));
  assert.ok(text.endsWith("</div><u>3</u>"));
});

test("XML is limited to the same depth", { timeout: 20_000 }, () => {
  assert.ok(depthOf(parse(`${"<Item>".repeat(100_000)}x`, true).root) <= 514);
});

test("elements are selected in document order", () => {
  const { linked } = parse('<a href="1"><b href="2"></b></a><p></p><i href="3">');

  assert.deepEqual(
    linked.map(({ attribs }) => attribs.href),
    ["1", "2", "3"],
  );
});
