import assert from "node:assert/strict";
import { test } from "node:test";
import { deployedHosts, resourcesOn, withoutResources } from "../../../../services/cli/stack/state-hosts.ts";
import { resourcesOf } from "../../../../services/cli/stack/state-resources.ts";
import { WORK1 } from "../../../fixtures/host-facts.ts";

const urn = (type: string, name: string) => `urn:pulumi:lab::orbweaver::${type}::${name}`;
const HOST = urn("orbweaver:FleetHost", "work1");
const DOCKER = urn("pulumi:providers:docker", "work1-docker");
const FRONTS = urn("orbweaver:Ingress", "ingress");
const EDGE = urn("orbweaver:FrontContainer", "work1-edge");
const script = (name: string, address: string, more: object = {}) => ({
  urn: urn("command:local:Command", name),
  type: "command:local:Command",
  inputs: { create: `ssh -o Port=22 root@${address} 'bash -s'` },
  ...more,
});
const state = {
  version: 3,
  deployment: {
    resources: [
      { urn: HOST, type: "orbweaver:FleetHost" },
      { urn: urn("orbweaver:FleetHost", "data"), type: "orbweaver:FleetHost" },
      { urn: DOCKER, type: "pulumi:providers:docker", parent: HOST },
      script("work1-bootstrap", WORK1.address, { parent: HOST }),
      script("data-bootstrap", "203.0.113.10", { parent: urn("orbweaver:FleetHost", "data") }),
      script("work1-mesh-check", WORK1.address),
      script("swarm-lead", WORK1.address),
      script("data-mesh", "203.0.113.10", {
        dependencies: [urn("command:local:Command", "work1-bootstrap"), urn("command:local:Command", "data-bootstrap")],
        propertyDependencies: { stdin: [urn("command:local:Command", "work1-bootstrap")] },
      }),
      { urn: FRONTS, type: "orbweaver:Ingress" },
      { urn: EDGE, type: "orbweaver:FrontContainer", parent: FRONTS },
      { urn: urn("orbweaver:FrontContainer", "work2-edge"), type: "orbweaver:FrontContainer", parent: FRONTS },
      {
        urn: urn("docker:index/container:Container", "work1-edge"),
        type: "docker:index/container:Container",
        provider: `${DOCKER}::1`,
        parent: EDGE,
      },
    ],
  },
};
const names = (urns: string[]) => urns.map((one) => one.split("::").at(-1)).sort();

test("a host's resources are its login scripts, its Docker objects, and components that belong only to it", () => {
  assert.deepEqual(names(resourcesOn(state, WORK1)), [
    "swarm-lead",
    "work1",
    "work1-bootstrap",
    "work1-docker",
    "work1-edge",
    "work1-edge",
    "work1-mesh-check",
  ]);
});

test("the state without a host's resources has no references to them", () => {
  const gone = resourcesOn(state, WORK1);

  const left = withoutResources(state, gone);

  assert.deepEqual(names(resourcesOf(left).map((resource) => resource.urn)), [
    "data",
    "data-bootstrap",
    "data-mesh",
    "ingress",
    "work2-edge",
  ]);
  for (const one of gone) assert.ok(!JSON.stringify(left).includes(`"${one}"`), one);
});

test("hosts are deployed when the state has their component", () => {
  assert.deepEqual([...deployedHosts(state)].sort(), ["data", "work1"]);
});
