import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "cheerio";
import { textOf } from "../../fixtures/fetching.ts";
import { chromiumIsMissing as skip } from "../../fixtures/rendering.ts";
import { openRenderingOfFile } from "../../fixtures/rendering-of-file.ts";

const PAGES: Record<string, string> = {
  "/framed": `<!doctype html><title>outer</title><h1>outer</h1>
    <iframe src="/inner"></iframe><iframe srcdoc="<p id=doc>in srcdoc</p>"></iframe>
    <my-card><b slot=name>slotted</b></my-card>
    <script>
      customElements.define("my-card", class extends HTMLElement {
        constructor() { super().attachShadow({ mode: "open" }).innerHTML = "<i>before</i><slot name=name></slot><slot>fallback</slot><iframe src=/deep></iframe>" }
      });
    </script>`,
  "/inner": "<title>inner</title><p id=inner>inner</p><script>document.body.append('by script')</script><iframe src=/deep></iframe>",
  "/deep": "<ul><li>deep</ul>",
  "/lacks": "<h1>lacks</h1><script src=/broken></script><script>fetch('/broken').catch(() => {}); new Image().src = '/broken'</script>",
  "/lacks-much": "<script>for (let n = 0; n < 30; n++) fetch('/broken?' + n).catch(() => {})</script>",
};

const { origin, render } = await openRenderingOfFile((request, response) => {
  const [path = ""] = (request.url ?? "").split("?");
  if (path === "/broken") request.socket.destroy();
  else response.writeHead(path in PAGES ? 200 : 404, { "content-type": "text/html" }).end(PAGES[path]);
});

test("with flatten, the document has what is in frames and in open shadow trees", { skip, timeout: 60_000 }, async () => {
  const plain = load(textOf(await render("/framed")));
  const page = await render("/framed", { flatten: true });
  const doc = load(textOf(page));

  assert.deepEqual([plain("#inner").length, plain("li").length], [0, 0]);
  assert.deepEqual([doc("title").text(), doc("h1").text(), page.warnings], ["outer", "outer", undefined]);
  assert.match(doc(`[data-frame="${origin}/inner"]`).text(), /^inner.*by scriptdeep$/);
  assert.deepEqual([doc("#inner").text(), doc("#doc").text(), doc("li").length], ["inner", "in srcdoc", 2]);
  assert.deepEqual(
    doc("my-card")
      .children()
      .toArray()
      .map((child) => [child.name, doc(child).text()]),
    [
      ["i", "before"],
      ["b", "slotted"],
      ["div", "deep"],
    ],
  );
  assert.match(doc("my-card").text(), /fallback/);
});

test("the requests of a page's scripts that failed are named by warnings, and pictures are not", { skip, timeout: 60_000 }, async () => {
  const { warnings = [] } = await render("/lacks", { loadImages: true });
  const many = (await render("/lacks-much", { waitFor: "networkidle" })).warnings ?? [];

  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^GET http:\/\/127\.0\.0\.1:\d+\/broken failed: net::ERR_EMPTY_RESPONSE$/);
  assert.deepEqual([many.length, many.at(-1)], [21, "10 more warnings"]);
});
