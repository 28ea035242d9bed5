import assert from "node:assert/strict";
import { test } from "node:test";
import { driftText, findDrift } from "../../../services/cli/stack/drift.ts";
import type { HostReport } from "../../../services/cli/stack/host-report.ts";
import { healthyAnswers, healthyState } from "../../fixtures/fleet-answers.ts";

/** What is found after something happened to the data host's and to work1's report. */
function findAfter(change: (data: HostReport, work1: HostReport) => void) {
  const answers = healthyAnswers();
  const [data, work1] = answers;
  assert.ok(data && work1);
  change(data.report, work1.report);
  return findDrift(healthyState(), answers);
}

const container = ({ containers }: HostReport, name = "orbweaver-edge") => {
  const found = containers.find((one) => one.name === name);
  assert.ok(found);
  return found;
};

test("a healthy fleet has no drift", () => {
  const report = findAfter(() => {});

  assert.deepEqual(report, { drifts: [], unchecked: [] });
  assert.equal(driftText(report), "no drift: all hosts are as they were deployed\n");
});

for (const [what, change, expected, isMended] of [
  ["a removed container", (_, work1) => work1.containers.pop(), "work1: the container orbweaver-edge is missing", true],
  ["a stopped container", (_, work1) => (container(work1).status = "exited"), "work1: the container orbweaver-edge is exited", true],
  [
    "another memory limit",
    (data) => (container(data, "orbweaver-redis").memory = 128 * 1_048_576),
    "data: the container orbweaver-redis: memory, in MiB, is 128 instead of 64",
    true,
  ],
  [
    "another restart policy",
    (_, work1) => (container(work1).restart = "no"),
    "work1: the container orbweaver-edge: restart policy is no instead of always",
    true,
  ],
  ["a removed service", (data) => data.swarm?.services.splice(4, 1), "data: the service webui is missing", true],
  [
    "a container made by hand in place of ours",
    (_, work1) => (container(work1).id = "another"),
    "work1: the container orbweaver-edge is not the one that was deployed",
    false,
  ],
  [
    "a container taken out of a network",
    (_, work1) => (container(work1).networks = ["orbweaver-front"]),
    "work1: the container orbweaver-edge: is not in the network orbweaver-web",
    false,
  ],
  ["a paused container", (_, work1) => (container(work1).status = "paused"), "work1: the container orbweaver-edge is paused", false],
  [
    "an undeclared container",
    (_, work1) => work1.containers.push({ ...container(work1), id: "x", name: "orbweaver-debug" }),
    "work1: the container orbweaver-debug is not of this fleet",
    false,
  ],
  [
    "a lost record",
    (_, work1) => (work1.records = { ...work1.records, runs: new Map() }),
    "work1: the host has no record of work1-mesh",
    true,
  ],
  [
    "a changed file",
    (_, work1) => (work1.records = { ...work1.records, drifts: [{ resource: "work1-mesh", what: "/etc/tinc was changed" }] }),
    "work1: /etc/tinc was changed",
    true,
  ],
] as const satisfies [string, (data: HostReport, work1: HostReport) => unknown, string, boolean][]) {
  test(`${what} is one drift, and the text says ${isMended ? "that up repairs it" : "what to do"}`, () => {
    const report = findAfter(change);

    const [line = "", ...others] = driftText(report).trim().split("\n");
    assert.deepEqual([line.split("; ")[0], others], [expected, []]);
    assert.equal(line.endsWith("; ./orb up repairs it"), isMended);
  });
}

test("a service that is missing in both its record and the state is reported once", () => {
  const { drifts } = findAfter((data) => {
    data.swarm?.services.splice(4, 1);
    data.records = { ...data.records, drifts: [{ resource: "webui-rollout", what: "the service webui is missing" }] };
  });

  assert.deepEqual(
    drifts.map(({ what }) => what),
    ["the service webui is missing"],
  );
});

test("an unresponsive host or Docker is unchecked, not drift", () => {
  const answers = healthyAnswers();
  const [data, work1] = answers;
  assert.ok(data && work1);
  const { report: _, ...silent } = work1;
  data.report = { ...data.report, containers: [], noDocker: "Cannot connect" };

  const report = findDrift(healthyState(), [data, { ...silent, notAsked: "no route to host" }]);

  assert.deepEqual(report.drifts, []);
  assert.deepEqual(report.unchecked, ["data: Docker does not answer: Cannot connect", "work1 could not be checked: no route to host"]);
});
