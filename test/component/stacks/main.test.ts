import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Declared, declareFleet, PRIVATE_KEY, SECRET } from "../../fixtures/declared-fleet.ts";

let declared: Declared[];
before(async () => {
  declared = await declareFleet("component-test");
});

const of = (type: string) => declared.filter((resource) => resource.type === type);

test("every role is a service with its replicas, and the data services are containers on the data host", () => {
  const replicas = of("docker:index/service:Service").map(({ name, inputs }) => [name, JSON.stringify(inputs.mode)]);
  const containers = of("docker:index/container:Container").map(({ name }) => name);

  assert.deepEqual(
    Object.fromEntries(replicas),
    Object.fromEntries(
      Object.entries({ renderer: 1, fetcher: 1, processor: 2, "result-worker": 1, webui: 2, scheduler: 1 }).map(([role, count]) => [
        role,
        `{"replicated":{"replicas":${count}}}`,
      ]),
    ),
  );
  assert.deepEqual(containers.sort(), ["postgres", "redis", "registry", "work1-balancer", "work1-edge", "work2-balancer"]);
});

test("replicas run on hosts that have the images, and Swarm gets the IDs of those nodes", () => {
  const constraints = of("docker:index/service:Service").map(
    ({ inputs }) => (inputs.taskSpec as { placement: { constraints: string[] } }).placement.constraints,
  );
  const script = String(declared.find(({ name }) => name === "image-nodes")?.inputs.stdin);

  for (const each of constraints) assert.ok(each.includes("node.labels.orbweaver.images==ready"));
  assert.match(script, /for id in node-of-data node-of-work1 node-of-work2; do/);
});

test("the swarm's join tokens are invalid after all hosts have joined", () => {
  const names = declared.map(({ name }) => name);

  assert.match(String(declared.find(({ name }) => name === "swarm-tokens")?.inputs.stdin), /join-token --rotate/);
  for (const earlier of ["swarm-lead", "data-swarm", "work1-swarm", "work2-swarm", "swarm-roles"])
    assert.ok(names.indexOf(earlier) < names.indexOf("swarm-tokens"), earlier);
});

test("only edge containers listen on more than their mesh address", () => {
  const published = of("docker:index/container:Container").flatMap(({ inputs }) => (inputs.ports ?? []) as { ip: string }[]);
  const onHostNetwork = of("docker:index/container:Container").filter(({ inputs }) => inputs.networkMode === "host");

  assert.ok(published.length > 0);
  assert.deepEqual([...new Set(published.map(({ ip }) => ip))].sort(), ["10.77.0.1", "10.77.0.2", "10.77.0.3"]);
  assert.deepEqual(
    onHostNetwork.map(({ name }) => name),
    ["work1-edge"],
  );
});

test("every container and service drops all capabilities and has a read-only root", () => {
  const containers = of("docker:index/container:Container").map(({ inputs }) => [
    inputs.readOnly,
    (inputs.capabilities as { drops: string[] }).drops,
  ]);
  const services = of("docker:index/service:Service").map(({ inputs }) => {
    const { readOnly, capDrops } = (inputs.taskSpec as { containerSpec: { readOnly: boolean; capDrops: string[] } }).containerSpec;
    return [readOnly, capDrops];
  });

  for (const hardening of [...containers, ...services]) assert.deepEqual(hardening, [true, ["ALL"]]);
});

test("every container and service has a memory limit and uses the runtime that limits processes and CPUs", () => {
  const containers = of("docker:index/container:Container").map(({ name, inputs }) => ({
    name,
    limits: [Number(inputs.memory) > 0, inputs.memorySwap === inputs.memory, inputs.runtime],
  }));
  const services = of("docker:index/service:Service").map(({ name, inputs }) => {
    const { resources, containerSpec } = inputs.taskSpec as { resources: { limits: { memoryBytes: number } }; containerSpec: object };
    return { name, limits: [resources.limits.memoryBytes > 0, "runtime" in containerSpec] };
  });
  const hosts = declared.filter(({ name }) => name.endsWith("-bootstrap")).map(({ inputs }) => String(inputs.stdin));

  assert.deepEqual([containers.length, services.length, hosts.length], [6, 6, 3]);
  for (const { name, limits } of containers) assert.deepEqual(limits, [true, true, "orbweaver"], name);
  for (const { name, limits } of services) assert.deepEqual(limits, [true, false], name);
  for (const script of hosts) assert.match(script, /"default-runtime": "orbweaver"/);
});

test("the engine's state contains no private key of the operator", () => {
  assert.ok(declared.length > 0);
  for (const { name, inputs } of declared) assert.ok(!JSON.stringify(inputs).includes(PRIVATE_KEY), name);
});

test("commands, environments and names contain no password", () => {
  const shown = declared.map(({ type, name, inputs }) => {
    const { stdin: _stdin, data: _data, ...rest } = inputs;
    return JSON.stringify({ type, name, rest });
  });

  const passwords = of("docker:index/secret:Secret").map(({ inputs }) => Buffer.from(String(inputs.data), "base64").toString());
  assert.ok(passwords.length > 0);
  for (const text of shown) {
    assert.ok(!text.includes(SECRET));
    for (const password of passwords) assert.ok(!text.includes(password), `${password.slice(0, 12)}… in ${text.slice(0, 80)}`);
  }
});

test("without a domain the program declares nothing for a certificate", () => {
  const scheduler = of("docker:index/service:Service").find(({ name }) => name === "scheduler");

  assert.deepEqual(
    declared.filter(({ name }) => name.endsWith("-certificate")),
    [],
  );
  assert.doesNotMatch(JSON.stringify(scheduler), /ORB_ACME|networks-web/);
});
