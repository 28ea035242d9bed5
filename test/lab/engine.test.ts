import assert from "node:assert/strict";
import { test } from "node:test";
import { findProgram } from "../../lab/command.ts";
import { ensurePulumi } from "../../lab/engine/pulumi.ts";

const skip = (await findProgram("pulumi")) || (await findProgram("go")) ? false : "neither pulumi nor go is on this machine";

test("the engine is found or built, and reports its version", { skip, timeout: 1_800_000 }, async () => {
  const { version } = await ensurePulumi({ say: (line) => process.stderr.write(`${line}\n`) });

  assert.match(version, /^3\.\d+\.\d+/);
});
