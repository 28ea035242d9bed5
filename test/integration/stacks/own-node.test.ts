import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { load } from "js-yaml";
import { ROOT } from "../../../services/core/runtime/checkout.ts";

const PRELOAD = join(ROOT, "stacks/own-node.mjs");
const project = load(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as { main: string; runtime: { options: { nodeargs: string } } };

/** The first Node on the machine that is older than what the program needs. */
const oldNode = ["/usr/bin/node", "/usr/local/bin/node"].find(
  (node) => existsSync(node) && Number(execFileSync(node, ["-p", "process.versions.node.split('.')[0]"], { encoding: "utf8" })) < 26,
);

test("Pulumi.yaml makes Node load the file that switches to our Node, at the language host's path", () => {
  const [, path = ""] = /^--import=(\.\/.+)$/.exec(project.runtime.options.nodeargs) ?? [];

  assert.equal(join(ROOT, dirname(project.main), path), PRELOAD);
});

test("an older Node starts a program in our Node, with its arguments and exit code", {
  skip: oldNode === undefined && "needs a Node older than 26",
}, () => {
  const { status, stdout, stderr } = spawnSync(
    oldNode ?? "",
    [`--import=${PRELOAD}`, join(ROOT, "test/fixtures/print-version.cjs"), "word"],
    { encoding: "utf8" },
  );

  assert.equal(status, 3, stderr);
  assert.equal(stdout, "26 word\n");
});

test("our Node runs the program itself", () => {
  const { stdout } = spawnSync(process.execPath, [`--import=${PRELOAD}`, join(ROOT, "test/fixtures/print-version.cjs"), "word"], {
    encoding: "utf8",
  });

  assert.equal(stdout, "26 word\n");
});
