import assert from "node:assert/strict";
import { test } from "node:test";
import { startOrb } from "../../fixtures/orb.ts";

async function run(...args: string[]) {
  await using program = startOrb(args);
  return await program.ended;
}

test("without a command, and with --help, the usage lists the commands", async () => {
  const [bare, help] = await Promise.all([run(), run("--help")]);

  assert.equal(bare.code, 0);
  assert.equal(bare.stdout, help.stdout);
  assert.match(bare.stdout, /^ {2}token +Prints/m);
});

test("--version prints the version of package.json", async () => {
  assert.match((await run("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
});

test("an unknown command exits 64 and lists the valid commands", async () => {
  const { code, stderr } = await run("strat");

  assert.equal(code, 64);
  assert.match(stderr, /command = "strat": use one of .*token/);
});

test("all invalid flags are reported at once, with exit code 64", async () => {
  const { code, stderr } = await run("token", "--dta", "--all", "extra");

  assert.equal(code, 64);
  for (const path of ["--dta", "--all", "argument"]) assert.match(stderr, new RegExp(`^ {2}${path}`, "m"));
});

test("--help of a command takes precedence over its other flags", async () => {
  const { code, stdout } = await run("token", "--nope", "--help");

  assert.equal(code, 0);
  assert.match(stdout, /^Usage: \.\/orb token \[--data DIR\]/);
});
