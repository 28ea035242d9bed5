import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommand } from "../../../services/cli/arguments.ts";
import { UsageError } from "../../../services/cli/errors.ts";
import { parseReplicas } from "../../../services/cli/stack/scale.ts";
import { type FleetState, parseServices, problemsOf } from "../../../services/cli/stack/status.ts";

const healthy: FleetState = {
  hosts: [{ name: "work1", address: "198.51.100.12", answersSsh: true, containers: { "orbweaver-edge": "Up 2 minutes (healthy)" } }],
  services: [{ role: "webui", running: 4, wanted: 4, update: "completed" }],
  edges: [{ url: "http://198.51.100.12", status: 200 }],
};

test("a fleet as it should be has no problems", () => {
  assert.deepEqual(problemsOf(healthy), []);
});

for (const [title, part, expected] of [
  [
    "a host that is off",
    { hosts: [{ name: "work1", address: "198.51.100.12", answersSsh: false, containers: {} }] },
    /work1 does not answer SSH/,
  ],
  [
    "a container that is sick",
    {
      hosts: [{ name: "work1", address: "198.51.100.12", answersSsh: true, containers: { "orbweaver-edge": "Up 2 minutes (unhealthy)" } }],
    },
    /orbweaver-edge on work1: Up 2 minutes \(unhealthy\)/,
  ],
  ["a replica that is missing", { services: [{ role: "webui", running: 3, wanted: 4, update: "" }] }, /webui: 3 of 4 replicas run/],
  [
    "an update that was rolled back",
    { services: [{ role: "webui", running: 4, wanted: 4, update: "rollback_completed" }] },
    /rollback_completed/,
  ],
  ["an edge that is silent", { edges: [{ url: "http://198.51.100.12", status: 0 }] }, /does not answer/],
] as const satisfies [string, Partial<FleetState>, RegExp][]) {
  test(`${title} is a problem`, () => {
    const problems = problemsOf({ ...healthy, ...(part as Partial<FleetState>) });

    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", expected);
  });
}

test("services are read from lines of name, replicas and update state", () => {
  assert.deepEqual(parseServices("webui\t3/4\tupdating\nfetcher\t2/2\t\n"), [
    { role: "webui", running: 3, wanted: 4, update: "updating" },
    { role: "fetcher", running: 2, wanted: 2, update: "" },
  ]);
});

test("replicas are roles with numbers; every other word is refused at once", () => {
  assert.deepEqual(parseReplicas(["webui=4", "result-worker=0"]), { webui: 4, "result-worker": 0 });
  assert.throws(
    () => parseReplicas(["webui=x", "fetcher=1", "fetchers=2"]),
    (error) => error instanceof UsageError && error.problems.length === 2,
  );
});

test("arguments in brackets may be left out, and the last with dots may be several", () => {
  const spec = { name: "ssh", summary: "", flags: {}, notes: [] };

  assert.deepEqual(parseCommand({ ...spec, positionals: ["HOST", "[COMMAND…]"] }, ["data"]).positionals, ["data"]);
  assert.deepEqual(parseCommand({ ...spec, positionals: ["HOST", "[COMMAND…]"] }, ["data", "--", "ls", "-a"]).positionals, [
    "data",
    "ls",
    "-a",
  ]);
  assert.throws(() => parseCommand({ ...spec, positionals: ["ROLE=N…"] }, []), UsageError);
});
