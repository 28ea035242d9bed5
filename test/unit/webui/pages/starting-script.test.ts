import assert from "node:assert/strict";
import { test } from "node:test";
import { compileScript } from "../../../../services/compiler/compile.ts";
import { checkNewProject } from "../../../../services/webui/pages/dashboard/new-project.ts";
import { className, startingScript } from "../../../../services/webui/pages/dashboard/starting-script.ts";

for (const name of ["books", "book_shop", "_", "7up", "a__b"]) {
  test(`the starting script of the project ${name} compiles`, async () => {
    const source = startingScript(name, 'https://example.com/?q="x"\\');

    const { compiled } = await compileScript(source, `${name}.ts`);

    assert.ok(compiled.includes(className(name)));
  });
}

test("a class is named after its project", () => {
  assert.deepEqual(["books", "book_shop", "_", "7up"].map(className), ["Books", "BookShop", "Project", "Project7up"]);
});

test("a new project needs a name that the API accepts and a web address", () => {
  const problems = checkNewProject({ name: "no-hyphens", startUrl: "ftp://example.com/" });

  assert.match(problems.name ?? "", /letters/);
  assert.match(problems.startUrl ?? "", /https?:\/\//);
  assert.deepEqual(checkNewProject({ name: "books", startUrl: "https://example.com" }), { name: undefined, startUrl: undefined });
});
