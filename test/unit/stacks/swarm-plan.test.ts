import assert from "node:assert/strict";
import { test } from "node:test";
import type { Host } from "../../../stacks/config.ts";
import { planSwarm, type SwarmMember, type SwarmNode } from "../../../stacks/swarm-plan.ts";
import { WORK1 } from "../../fixtures/host-facts.ts";

const data: Host = { ...WORK1, name: "data", meshIp: "10.77.0.1", role: "data", isEdge: false };
const worker = (number: number): Host => ({ ...WORK1, name: `work${number}`, meshIp: `10.77.0.${number + 1}` });
const hosts = [worker(1), worker(2), worker(3), data];
const node = ({ meshIp }: Host, joinedAt: number): SwarmNode => ({
  meshIp,
  joinedAt,
  state: "ready",
  isReachableManager: true,
  identity: "",
  isLead: false,
});
const inSwarm = (managers: Host[], nodes: SwarmNode[]): Map<string, SwarmMember> => new Map(managers.map(({ name }) => [name, { nodes }]));
const bare = (...present: Host[]) => inSwarm(present, []);
const namesOf = ({ lead, managers }: ReturnType<typeof planSwarm>) => [lead.name, managers.map(({ name }) => name)];

test("on bare hosts the data host leads and manages, at any position in the list", () => {
  assert.deepEqual(namesOf(planSwarm(hosts, bare(...hosts))), ["data", ["data", "work1", "work2"]]);
});

test("two hosts have one manager", () => {
  assert.deepEqual(namesOf(planSwarm([data, worker(1)], bare(data, worker(1)))), ["data", ["data"]]);
});

test("if a host does not answer, the next one becomes manager", () => {
  assert.deepEqual(namesOf(planSwarm(hosts, bare(data, worker(2), worker(3)))), ["data", ["data", "work2", "work3"]]);
});

test("the manager that joined first leads, so a replaced data host does not lead again", () => {
  const nodes = [node(data, 300), node(worker(1), 100), node(worker(2), 200)];

  assert.deepEqual(namesOf(planSwarm(hosts, inSwarm([data, worker(1), worker(2)], nodes))), ["work1", ["data", "work1", "work2"]]);
});

test("the lead of the last deployment leads again, even if a later promoted manager joined first", () => {
  const nodes = [{ ...node(data, 300), isLead: true }, node(worker(1), 100), node(worker(2), 200)];

  assert.equal(planSwarm(hosts, inSwarm([data, worker(1), worker(2)], nodes)).lead.name, "data");
});

test("a manager that will be demoted does not lead, even if it joined first", () => {
  const nodes = [node(data, 300), node(worker(1), 100)];

  assert.deepEqual(namesOf(planSwarm([data, worker(1)], inSwarm([data, worker(1)], nodes))), ["data", ["data"]]);
});

test("a manager of a running swarm leads when the data host is bare", () => {
  const nodes = [node(worker(1), 200), node(worker(2), 100)];
  const members = new Map([...inSwarm([worker(1), worker(2)], nodes), ...bare(data)]);

  assert.equal(planSwarm(hosts, members).lead.name, "work2");
});
