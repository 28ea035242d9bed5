import assert from "node:assert/strict";
import { test } from "node:test";
import { collectTypes } from "../../../../services/webui/pages/build/bundled-types.ts";
import { createTypeChecker } from "../../../../services/webui/pages/editor/type-checker.ts";

const types = collectTypes();
const checker = createTypeChecker(types);
const script = (body: string) => `import { Crawler, type Response } from "orbweaver";
export default class Books extends Crawler {
  page(response: Response) {
    ${body}
  }
}
`;

test("a method that gives itself as callback and returns a result has no problem", () => {
  const text = script('this.crawl("http://books.test/", { callback: this.page }); return { title: response.doc("h1").text() };');

  assert.deepEqual(checker.problems(text), []);
});

test("a wrong name has its place and a message", () => {
  const text = script("return response.txet;");

  const [problem] = checker.problems(text);

  assert.equal(text.slice(problem?.from, problem?.to), "txet");
  assert.match(problem?.message ?? "", /'txet' does not exist on type 'Response'/);
});

test("members are completed, and a name is explained", () => {
  const text = script("response.");
  const at = text.indexOf("response.") + "response.".length;

  const names = checker.completions(text, at).map(({ name }) => name);

  assert.ok(names.includes("sitemap"), names.join());
  assert.match(checker.describe(text, at, "statusCode")?.type ?? "", /statusCode: number/);
  assert.match(checker.hover(script("response.url;"), at + 1)?.type ?? "", /url: string/);
});

test("a text is formatted without its line breaks, also one that does not compile", () => {
  const tidy = script("if (response.ok) {\n      return { url: response.url };\n    }");
  const untidy = tidy.replaceAll(/^ +/gm, "\t").replaceAll(": ", ":").replace("{ url", "{url");

  for (const rest of ["", "class {"]) {
    const text = untidy + rest;
    const changes = checker.format(text).toSorted((a, b) => b.from - a.from);
    const formatted = changes.reduce((all, { from, to, insert }) => all.slice(0, from) + insert + all.slice(to), text);
    assert.equal(formatted, tidy + rest);
  }
  assert.deepEqual(checker.format(tidy), []);
});

test("scripts have no modules but orbweaver, and no types of Node or of pages", () => {
  const messages = checker.problems(`import "node:fs";\n${script("document.title; process.exit();")}`).map(({ message }) => message);

  assert.equal(messages.length, 3, messages.join("\n"));
});

test("no file of the types is named by this machine's folders", () => {
  const names = Object.keys(types.files);

  assert.deepEqual(
    names.filter((name) => !/^\/(?:lib|services|examples|node_modules)\//.test(name)),
    [],
  );
});
