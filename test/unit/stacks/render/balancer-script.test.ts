import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { renderBalancerReload } from "../../../../stacks/render/balancer-script.ts";

test("the configuration is checked before any change, and the state is saved before the reload", () => {
  const text = renderBalancerReload({ configuration: "/etc/haproxy/haproxy.cfg", runDirectory: "/run/haproxy" });

  const steps = ["haproxy -c", "servers.state.new", "mv ", "kill -USR2 1"].map((step) => text.indexOf(step));
  assert.deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
  );
  assert.equal(steps.includes(-1), false);
});

test("a path with a quote stays one word", () => {
  const text = renderBalancerReload({ configuration: "/etc/it's/haproxy.cfg", runDirectory: "/run/haproxy" });

  assert.equal(spawnSync("sh", ["-n"], { input: text }).status, 0);
});
