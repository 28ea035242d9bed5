import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { type FleetState, fleetState, problemsOf, recentEvents, statusText } from "../../../services/cli/stack/fleet-state.ts";
import { type HostReport, parseHostReport } from "../../../services/cli/stack/host-report.ts";
import { hostReportScript } from "../../../stacks/render/host-report-script.ts";
import { HOSTS, healthyAnswers, REPLICAS } from "../../fixtures/fleet-answers.ts";

const EDGES = [{ url: "http://198.51.100.12", status: 200 }];
const NOW = Date.parse("2026-01-01T12:00:00Z") / 1_000;
const config = { hosts: [...HOSTS], replicas: REPLICAS, tls: undefined };

/** The fleet's state after something happened to the data host's and to work1's report. */
function stateAfter(change: (data: HostReport, work1: HostReport) => unknown, edges = EDGES): FleetState {
  const answers = healthyAnswers();
  const [data, work1] = answers;
  assert.ok(data && work1);
  change(data.report, work1.report);
  return fleetState(config, answers, edges, NOW);
}

const swarmOf = ({ swarm }: HostReport) => {
  assert.ok(swarm);
  return swarm;
};

test("status reports a healthy fleet as healthy", () => {
  const state = stateAfter(() => {});

  assert.deepEqual([problemsOf(state), recentEvents(state)], [[], []]);
  assert.match(statusText(state, [], []), /\nall is well\n$/);
});

for (const [what, change, ...expected] of [
  ["a container that is missing", (_, work1) => work1.containers.pop(), /^orbweaver-edge on work1 is missing; \.\/orb up creates it$/],
  [
    "a container that is unhealthy",
    (_, work1) => Object.assign(work1.containers[0] ?? {}, { health: "unhealthy" }),
    /^orbweaver-balancer on work1: running \(unhealthy\)$/,
  ],
  ["a service that is missing", (data) => swarmOf(data).services.splice(4, 1), /^webui: the service is missing/],
  ["a replica that is missing", (data) => swarmOf(data).tasks.splice(4, 1), /^webui: 1 of 2 replicas run/],
  [
    "a replica on a host that is down",
    (data) => Object.assign(swarmOf(data).tasks[4] ?? {}, { node: "node-gone" }),
    /^webui: 1 of 2 replicas run/,
  ],
  [
    "another number of replicas than in the stack config",
    (data) => Object.assign(swarmOf(data).services[4] ?? {}, { replicas: 3 }),
    /^webui: Swarm is set to 3 replicas, and the stack config says 2/,
  ],
  [
    "an update that was rolled back",
    (data) => Object.assign(swarmOf(data).services[4] ?? {}, { update: "rollback_completed" }),
    /^webui: its last update ended in rollback_completed$/,
  ],
  ["a host that is not in the swarm", (data) => swarmOf(data).nodes.splice(2, 1), /^work2 is not in the swarm/, /^2 of 3 managers/],
  [
    "a host that is down in the swarm",
    (data) => Object.assign(swarmOf(data).nodes[2] ?? {}, { state: "down", reachability: "unreachable" }),
    /^work2 is down in the swarm$/,
    /^2 of 3 managers/,
  ],
  [
    "a host that should be a manager",
    (data) => Object.assign(swarmOf(data).nodes[2] ?? {}, { managerAddress: "", reachability: "" }),
    /^work2 should be a manager of the swarm and is not$/,
    /^2 of 3 managers of the swarm can be reached; 2 are needed for a change$/,
  ],
  ["a drained host", (data) => Object.assign(swarmOf(data).nodes[2] ?? {}, { availability: "drain" }), /^work2 takes no replicas/],
  ["a full disk", (_, work1) => work1.disks.push({ path: "/data", usedPercent: 91 }), /^work1: the disk of \/data is 91 % full$/],
  [
    "a clock that is off",
    (_, work1) => Object.assign(work1, { clockSkewSeconds: -75 }),
    /^work1: its clock is 75 s behind this machine's$/,
  ],
  ["a host without the mesh", (_, work1) => work1.unreached.push("10.77.0.3"), /^work1 does not reach work2 through the mesh$/],
  [
    "a changed file",
    (_, work1) => Object.assign(work1, { records: { ...work1.records, drifts: [{ resource: "x", what: "/etc/a was changed" }] } }),
    /^work1: \/etc\/a was changed; \.\/orb up repairs it$/,
  ],
  [
    "a Docker that does not answer",
    (_, work1) => Object.assign(work1, { containers: [], noDocker: "Cannot connect" }),
    /^work1: its containers could not be checked: Docker does not answer: Cannot connect$/,
  ],
] as [string, (data: HostReport, work1: HostReport) => unknown, ...RegExp[]][]) {
  test(`${what} is a problem`, () => {
    const problems = problemsOf(stateAfter(change));

    assert.equal(problems.length, expected.length, problems.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(problems[index] ?? "", pattern);
  });
}

test("an edge that does not answer is a problem", () => {
  const state = stateAfter(() => {}, [{ url: "http://198.51.100.12", status: 0 }]);

  assert.deepEqual(problemsOf(state), ["http://198.51.100.12 does not answer"]);
});

test("a host that could not be checked is a problem", () => {
  const answers = healthyAnswers().map(({ host, report }) =>
    host.name === "work2" ? { host, notAsked: "no route to host" } : { host, report },
  );

  assert.deepEqual(problemsOf(fleetState(config, answers, EDGES, NOW)), ["work2 could not be checked: no route to host"]);
});

test("without running containers or a responding manager, status never reports a healthy fleet", () => {
  const answers = healthyAnswers().map(({ host, report: { swarm: _, ...report } }) => ({
    host,
    report: { ...report, containers: [], noQuorum: "The swarm does not have a leader" },
  }));

  const problems = problemsOf(fleetState(config, answers, [], NOW));

  assert.equal(problems.filter((problem) => problem.endsWith("is missing; ./orb up creates it")).length, 6);
  assert.match(
    problems.at(-1) ?? "",
    /^the swarm and its services could not be checked: no manager answers; data says: The swarm does not have/,
  );
});

test("failed replicas, Docker restarts and out-of-memory kills of the last 10 minutes are reported, older ones are not", () => {
  const time = "2026-01-01T11:55:00Z";
  const state = stateAfter((data, work1) => {
    const [balancer, edge] = work1.containers;
    Object.assign(balancer ?? {}, { isOomKilled: true, finished: time });
    Object.assign(edge ?? {}, { restarts: 2, started: time });
    const failed = { service: "service-webui", node: "node-work1", desired: "shutdown", state: "failed", error: "task: non-zero exit (1)" };
    swarmOf(data).tasks.push({ ...failed, time }, { ...failed, time: "2026-01-01T10:00:00Z" });
  });

  assert.deepEqual(problemsOf(state), []);
  assert.deepEqual(recentEvents(state), [
    "orbweaver-balancer on work1 was killed: it used more memory than its limit",
    "orbweaver-edge on work1 was restarted by Docker (2 times since it was created)",
    "webui: 1 replica failed, the last with: task: non-zero exit (1)",
  ]);
});

test("bash can parse a host's script", () => {
  const { status, stderr } = spawnSync("bash", ["-n"], {
    input: hostReportScript({ peers: ["10.77.0.2", "10.77.0.3"], withRecords: true }),
    encoding: "utf8",
  });

  assert.deepEqual([status, stderr], [0, ""]);
});

test("a report is parsed line by line, and unknown lines are ignored", () => {
  const report = parseHostReport(
    `Welcome
clock 1000
disk / 41
unreached 10.77.0.3
made work1-mesh 17
drift work1-mesh /etc/a was changed
container {"health":"healthy","id":"c1","name":"/orbweaver-edge","status":"running","networks":{"host":{}}}
network n1
manager yes
node {"id":"x"}
service {"update":"","id":"s1","name":"webui","replicas":2}
secret s2
`,
    940,
  );

  assert.deepEqual([report.clockSkewSeconds, report.disks, report.unreached], [60, [{ path: "/", usedPercent: 41 }], ["10.77.0.3"]]);
  assert.deepEqual([report.records.runs.get("work1-mesh"), report.records.drifts.length], [17, 1]);
  assert.deepEqual([report.containers[0]?.name, report.containers[0]?.networks], ["orbweaver-edge", ["host"]]);
  assert.deepEqual([report.networks, report.swarm?.services[0]?.replicas, report.swarm?.secrets], [["n1"], 2, ["s2"]]);
});
