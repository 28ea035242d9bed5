/** What may be saved as a script: any text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileScript } from "../../../services/compiler/compile.ts";
import { BadScriptError } from "../../../services/compiler/errors.ts";
import { anyText, fewerRuns, textOf } from "../../fixtures/arbitraries.ts";

const WORDS = [
  ...[
    'import { Crawler } from "orbweaver";',
    "import x from 'fs';",
    "import type",
    "export default ",
    "class A ",
    "extends Crawler ",
    "{",
    "}",
    "(",
    ")",
    ";",
    "\n",
  ],
  ...[
    "@every",
    "@config({})",
    "async ",
    "*page",
    "yield ",
    "await ",
    "eval('1')",
    "require('fs')",
    "import('x')",
    "`${",
    "`",
    "/*",
    "*/",
    "//",
    "'",
    "<T>",
    ": string",
    "#x",
    "\\u{110000}",
    "enum E { A }",
    "namespace N {",
    "declare ",
    "=> ",
    "?.",
    "0n",
    "/(?<a/",
    "//# sourceMappingURL=x",
    "</script>",
  ],
];

test("any text is a script, or refused with E_BAD_INPUT and the places of its problems", async () => {
  const source = fc.oneof({ weight: 3, arbitrary: textOf(WORDS) }, { weight: 1, arbitrary: anyText() });
  await fc.assert(
    fc.asyncProperty(source, async (text) => {
      try {
        const { compiled, hash } = await compileScript(text, "any.ts");

        assert.ok(compiled !== "" && /^[0-9a-f]{64}$/.test(hash));
      } catch (error) {
        assert.ok(error instanceof BadScriptError && error.code === "E_BAD_INPUT", String(error));
        assert.ok(
          error.problems.length > 0 && error.problems.every(({ path, remedy }) => /^any\.ts:\d+:\d+$/.test(path) && remedy !== ""),
          error.message,
        );
      }
    }),
    fewerRuns(0.5),
  );
});
