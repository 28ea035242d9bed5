/** What a script's text can do to the compiler: an honest script is compiled after each. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { bundle } from "../../../services/compiler/bundle.ts";
import { compileScript } from "../../../services/compiler/compile.ts";
import { BadScriptError } from "../../../services/compiler/errors.ts";
import { KIB } from "../../../services/core/protocol/byte-units.ts";
import { commandLineOf } from "../../bench/process-tree.ts";
import { until } from "../../fixtures/until.ts";

const HONEST = `import { Crawler } from "orbweaver";\nexport default class Books extends Crawler {}\n`;
const folder = mkdtempSync(join(tmpdir(), "orb-compiler-"));
after(() => rmSync(folder, { recursive: true }));
const secret = join(folder, "secret");
writeFileSync(secret, "the-password");
const fileUrl = pathToFileURL(secret).href;

async function problemsOf(source: string): Promise<{ path: string; remedy: string }[]> {
  const error = await compileScript(source, "books.ts").then(
    () => assert.fail("it was compiled"),
    (refusal: unknown) => refusal,
  );
  assert.ok(error instanceof BadScriptError, String(error));
  return error.problems;
}

const directives: [what: string, source: string, place: string][] = [
  ["at the end", `${HONEST}//# sourceMappingURL=${fileUrl}`, "3:1"],
  ["with @", `${HONEST}//@ sourceMappingURL=${fileUrl}`, "3:1"],
  ["in a block comment", `${HONEST}/*# sourceMappingURL=${fileUrl} */`, "3:1"],
  ["in a block comment with @", `${HONEST}/*@ sourceMappingURL=${fileUrl} */`, "3:1"],
  ["in the first line", `//# sourceMappingURL=${fileUrl}\n${HONEST}`, "1:1"],
  ["after code", `const a = 1; //# sourceMappingURL=${fileUrl}\n${HONEST}`, "1:14"],
  ["by a path", `${HONEST}//# sourceMappingURL=${secret}`, "3:1"],
  ["by a relative path", `${HONEST}//# sourceMappingURL=../../../../..${secret}`, "3:1"],
  ["with escapes in its URL", `${HONEST}//# sourceMappingURL=${fileUrl.replaceAll("s", "%73")}`, "3:1"],
  ["with capitals in its URL", `${HONEST}//# sourceMappingURL=${fileUrl.replace("file", "FILE")}`, "3:1"],
  ["with a host in its URL", `${HONEST}//# sourceMappingURL=file://localhost${secret}`, "3:1"],
  ["of a device", `${HONEST}//# sourceMappingURL=file:///dev/zero`, "3:1"],
  ["as data", `${HONEST}//# sourceMappingURL=data:application/json,{}`, "3:1"],
  ["with tabs", `${HONEST}//#\t\tsourceMappingURL=${fileUrl}`, "3:1"],
  ["before a line separator", `${HONEST}//# sourceMappingURL=${fileUrl}\u2028const a = 1;`, "3:1"],
  ["after a carriage return", `${HONEST}\r//# sourceMappingURL=${fileUrl}`, "4:1"],
];

for (const [what, source, place] of directives) {
  test(`a source map ${what} is refused with its line, and its file is not read`, async () => {
    const [problem, ...others] = await problemsOf(source);
    const unrefused = JSON.stringify(await bundle(source, "books.ts"));

    assert.equal(problem?.path, `books.ts:${place}`);
    assert.match(problem?.remedy ?? "", /remove sourceMappingURL/);
    assert.deepEqual(others, []);
    assert.doesNotMatch(unrefused, /the-password|secret/);
  });
}

test("a text that only mentions source maps is compiled", async () => {
  await compileScript(`${HONEST}const a = /\\/\\/# sourceMappingURL=(.*)/; // sourceMappingURL= is looked for`, "books.ts");
});

const shapes: [what: string, source: string][] = [
  ["400,000 brackets", "[".repeat(400_000)],
  ["closed parentheses", `${"(".repeat(490_000)}1${")".repeat(490_000)}`],
  ["900,000 operators", `${"!".repeat(900_000)}1`],
  ["nested conditions", `${"a?b:".repeat(240_000)}c`],
  ["nested templates", "`${".repeat(300_000)],
  ["nested arrow functions", `${"()=>".repeat(200_000)}1`],
  ["nested blocks", "{".repeat(500_000)],
  ["nested types", `type A=${"A<".repeat(450_000)}`],
  ["16 KB of type arguments without end", "a<".repeat(8 * KIB)],
  ["16 KB of calls that might be arrow functions", "(a=(".repeat(4 * KIB)],
  ["16 KB of generic calls", "f<(".repeat(5 * KIB)],
  ["64 KB of generic arrow functions", "<T>(".repeat(16 * KIB)],
];

for (const [what, source] of shapes) {
  test(`${what} fail only their own compilation`, async () => {
    const [problem] = await problemsOf(`export default ${source}`);
    const { compiled } = await compileScript(HONEST, "books.ts");

    assert.match(problem?.path ?? "", /^books\.ts/);
    assert.ok((problem?.remedy ?? "").length < 400);
    assert.match(compiled, /Books/);
  });
}

test("concurrent compilations do not mix their scripts", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `Class${index}`);
  const all = await Promise.all(names.map((name) => compileScript(HONEST.replace("Books", name), `${name}.ts`)));

  for (const [index, { compiled }] of all.entries()) assert.match(compiled, new RegExp(`var Class${index} = class`));
});

test("the compiler has an empty environment, and ends with its parent even during a compilation", {
  skip: process.platform !== "linux" && "needs /proc",
}, async () => {
  const code = `import { compileScript } from ${JSON.stringify(import.meta.resolve("../../../services/compiler/compile.ts"))};
    await compileScript(${JSON.stringify(HONEST)}, "books.ts");
    const { readFileSync } = await import("node:fs");
    const children = readFileSync(\`/proc/self/task/\${process.pid}/children\`, "utf8").trim().split(" ");
    console.log(children[0], readFileSync(\`/proc/\${children[0]}/environ\`, "latin1").replaceAll("\\0", " "));
    compileScript(${JSON.stringify(`export default ${"a<".repeat(8 * KIB)}`)}, "books.ts").catch(() => {});
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 200);`;
  let printed = "";
  try {
    execFileSync(process.execPath, ["--input-type=module", "-e", code], { env: { ...process.env, ORB_TOKEN: "a-secret" } });
  } catch (error) {
    printed = String((error as { stdout: Buffer }).stdout);
  }

  assert.match(printed, /^\d+ .*ESBUILD_BINARY_PATH=/);
  assert.doesNotMatch(printed, /a-secret| PATH=| HOME=/);
  const compiler = Number.parseInt(printed, 10);
  await until("the compiler ends", () => !commandLineOf(compiler).includes("compiler/child.ts"), 10_000);
});
