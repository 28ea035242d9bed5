import assert from "node:assert/strict";
import { test } from "node:test";
import { renderMetrics } from "../../../../services/core/runtime/metrics.ts";
import { confinementText, measureConfinement } from "../../../../services/sandbox/confinement/report.ts";

const ALL = { noNewPrivileges: true, seccomp: true, landlock: 7, limits: true, uid: 10_002 };

test("one sentence lists the active parts and the missing ones", () => {
  assert.equal(confinementText(ALL), "The kernel confines scripts (no new privileges, seccomp, Landlock 7, limits; user 10002).");
  assert.equal(
    confinementText({ ...ALL, landlock: 0, uid: 1_000 }),
    "The kernel confines scripts (no new privileges, seccomp, limits; user 1000); not supported here: Landlock.",
  );
  assert.match(confinementText(undefined), /does not confine them further/);
});

test("the metrics show which parts are active", async () => {
  measureConfinement({ ...ALL, seccomp: false });

  const { text } = await renderMetrics();

  assert.match(text, /^orb_confinement\{part="seccomp"\} 0$/m);
  assert.match(text, /^orb_confinement\{part="landlock"\} 7$/m);
});
