import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { test } from "node:test";
import { LIBRARY } from "../../../../services/core/queue/redis-functions.ts";
import { QUEUE_RIGHTS, type RoleLogin } from "../../../../stacks/render/redis-rights.ts";

const FOLDER = resolve(import.meta.dirname, "../../../../services/core/queue/lua");
const FILES = globSync("*", { cwd: FOLDER }).map((name) => ({
  name: basename(name, ".lua"),
  text: readFileSync(`${FOLDER}/${name}`, "utf8"),
}));
/** The command without which a role cannot use the function; undefined: other functions call it. */
const NEEDS: Record<string, string | undefined> = {
  holds: undefined,
  survived: undefined,
  settle: "xadd",
  reclaim: "xclaim",
  renew: "xclaim",
  "forget-consumers": "xgroup|delconsumer",
  announce: "hset",
  "list-replicas": "hlen",
};

const camelCase = (name: string) => name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
const headerOf = (text: string) => /^(?:--.*\n)+/.exec(text)?.[0] ?? "";
const rolesWith = (command: string) =>
  (Object.keys(QUEUE_RIGHTS) as RoleLogin[]).filter((role) => QUEUE_RIGHTS[role].some(({ commands }) => commands.includes(command)));

test("each file has its row here", () => {
  assert.deepEqual(FILES.map(({ name }) => name).sort(), Object.keys(NEEDS).sort());
});

for (const { name, text } of FILES) {
  test(`${name}.lua is part of the library, and defines the function of its name`, () => {
    assert.ok(LIBRARY.includes(text));
    assert.deepEqual(
      [...text.matchAll(/^local function (\w+)/gm)].map(([, defined]) => defined),
      [camelCase(name)],
    );
  });

  test(`the header of ${name}.lua lists keys, arguments and what it returns`, () => {
    const parts = NEEDS[name] === undefined ? ["Arguments", "Returns"] : ["KEYS", "ARGV", "Returns"];

    assert.match(headerOf(text), new RegExp(`^-- ${camelCase(name)}: \\S`));
    for (const part of parts) assert.match(headerOf(text), new RegExp(`^-- ${part}: +\\S`, "m"));
  });

  test(`the header of ${name}.lua lists the roles whose rights in Redis allow the call`, () => {
    const [, roles = ""] = /^-- Roles: +(.*?)[.;]/m.exec(headerOf(text)) ?? [];
    const command = NEEDS[name];

    assert.equal(roles, command === undefined ? "none" : rolesWith(command).join(", "));
  });

  test(`the constants that ${name}.lua uses are defined`, () => {
    const code = text.replaceAll(/--.*|'[^']*'/g, "");
    const used = new Set((code.match(/\b[A-Z][A-Z_]+\b/g) ?? []).filter((word) => word !== "KEYS" && word !== "ARGV"));

    assert.deepEqual(
      [...used].filter((word) => !LIBRARY.includes(`\nlocal ${word} = `)),
      [],
    );
  });
}
