import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { type CommandSpec, flagName, parseCommand, usageLine } from "../../../services/cli/arguments.ts";
import { UsageError } from "../../../services/cli/errors.ts";
import { allowAddressFlag, databaseFlag, switchFlag } from "../../../services/cli/flags.ts";
import { wholeNumber } from "../../../services/core/runtime/env.ts";

const spec: CommandSpec = {
  name: "crawl",
  summary: "Crawls",
  positionals: ["SCRIPT"],
  flags: {
    port: { value: "PORT", help: "a port", schema: wholeNumber({ min: 0, max: 65_535, fallback: 5_000 }) },
    out: { value: "FILE", help: "a file", schema: z.string().optional() },
    allowAddress: allowAddressFlag,
    database: databaseFlag,
    json: switchFlag("as JSON"),
  },
  notes: [],
};

function problemsOf(args: string[]): string[] {
  try {
    parseCommand(spec, args);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.problems.map(({ path }) => path);
  }
  return [];
}

test("flags can have either form and any order", () => {
  const parsed = parseCommand(spec, ["--port=80", "a.ts", "--json", "--allow-address", "10.0.0.0/8", "--allow-address=::1/128"]);

  assert.deepEqual(parsed, { flags: { port: 80, json: true, allowAddress: ["10.0.0.0/8", "::1/128"] }, positionals: ["a.ts"] });
});

test("missing values get their defaults", () => {
  assert.deepEqual(parseCommand(spec, ["a.ts"]).flags, { port: 5_000, json: false, allowAddress: [] });
});

test("everything after -- is an argument", () => {
  assert.deepEqual(parseCommand(spec, ["--", "--json"]).positionals, ["--json"]);
});

test("if a flag is given several times, only its invalid values are shown", () => {
  const args = ["a.ts", "--allow-address", "::1/128", "--allow-address", "10.0.0.1"];

  assert.throws(() => parseCommand(spec, args), /--allow-address = "10\.0\.0\.1": /);
});

for (const [title, args, paths] of [
  ["a bad value", ["a.ts", "--port", "x"], ["--port"]],
  ["an unknown flag", ["a.ts", "--prot", "1"], ["--prot", "argument"]],
  ["a short flag", ["a.ts", "-p"], ["-p"]],
  ["a flag without its value", ["a.ts", "--out"], ["--out"]],
  ["a flag in place of a value", ["a.ts", "--port", "--json"], ["--port"]],
  ["a value for a switch", ["a.ts", "--json=1"], ["--json"]],
  ["a flag given twice", ["a.ts", "--port", "1", "--port", "2"], ["--port"]],
  ["one bad value of several", ["a.ts", "--allow-address", "::1/128", "--allow-address", "10.0.0.1"], ["--allow-address"]],
  ["a missing argument", ["--json"], ["SCRIPT"]],
  ["an argument too many", ["a.ts", "b.ts"], ["argument"]],
  ["everything at once", ["a.ts", "b.ts", "--port", "x", "--nope", "--out"], ["--nope", "--out", "--port", "argument"]],
] as const) {
  test(`${title} is refused`, () => {
    assert.deepEqual(problemsOf([...args]), paths);
  });
}

test("flags are named with hyphens, and the usage line shows them all", () => {
  assert.equal(flagName("allowAddress"), "--allow-address");
  assert.equal(usageLine(spec), "./orb crawl SCRIPT [--port PORT] [--out FILE] [--allow-address CIDR]… [--database URL] [--json]");
});

test("a database's URL that is refused is not shown, because it has a password", () => {
  const wrong = ["a.ts", "--database", "mysql://user:hunter2@host/db"];
  const twice = ["a.ts", "--database", "postgres://user:hunter2@host/db", "--database", "postgres://user:hunter2@host/db"];

  for (const args of [wrong, twice])
    assert.throws(
      () => parseCommand(spec, args),
      (error) => error instanceof UsageError && error.message.includes("--database") && !error.message.includes("hunter2"),
    );
});
