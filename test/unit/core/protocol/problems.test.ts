import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { toProblems } from "../../../../services/core/protocol/problems.ts";

const host = z.strictObject({ name: z.string("write a name"), port: z.coerce.number("write a port") }, "write an object");
const schema = z.strictObject({ hosts: z.array(host), secret: z.string("write a secret").optional() }, "write an object");
const ALL = () => true;

function problemsOf(input: unknown, { root, shows = ALL }: { root?: string; shows?: (value: unknown, path: string) => boolean } = {}) {
  return toProblems(schema.safeParse(input).error, { input, shows, ...(root === undefined ? {} : { root }) });
}

test("a problem has the path of its place, and the value before any transform", () => {
  assert.deepEqual(
    problemsOf({
      hosts: [
        { name: "a", port: 1 },
        { name: 7, port: "x" },
      ],
    }),
    [
      { path: "hosts[1].name", value: 7, remedy: "write a name" },
      { path: "hosts[1].port", value: "x", remedy: "write a port" },
    ],
  );
});

test("each unknown field is a problem of its own, without its value", () => {
  assert.deepEqual(problemsOf({ hosts: [], secert: "a", b: 1 }), [
    { path: "secert", remedy: "it is unknown: remove it, or correct its name" },
    { path: "b", remedy: "it is unknown: remove it, or correct its name" },
  ]);
});

test("a problem of the whole input has the path (all), or the root", () => {
  assert.deepEqual(problemsOf(7), [{ path: "(all)", value: 7, remedy: "write an object" }]);
  assert.deepEqual(problemsOf(null, { root: "fleet" }), [{ path: "fleet", value: null, remedy: "write an object" }]);
  assert.deepEqual(
    problemsOf({ hosts: [null] }, { root: "fleet" }).map(({ path }) => path),
    ["fleet.hosts[0]"],
  );
});

test("secret values are left out", () => {
  const problems = problemsOf({ hosts: 2, secret: 1 }, { shows: (_value, path) => path !== "secret" });

  assert.deepEqual(
    problems.map(({ path, value }) => [path, value]),
    [
      ["hosts", 2],
      ["secret", undefined],
    ],
  );
});

test("an absent value is left out", () => {
  assert.deepEqual(
    problemsOf({}).map(({ path, value }) => [path, value]),
    [["hosts", undefined]],
  );
});

test("valid input has no problems", () => {
  assert.deepEqual(problemsOf({ hosts: [] }), []);
});
