import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConfiguration, noHaproxy } from "../../../packages/haproxy-config-generator/test/check-configuration.ts";
import { balancerInSwarm, renderBalancer } from "../../../stacks/render/balancer.ts";

test("haproxy accepts the balancer's configuration without a warning", { skip: noHaproxy }, () => {
  const sources = { statusSources: ["10.77.0.0/24", "172.18.0.1"], edgeSources: ["10.202.0.0/24", "10.77.0.2"] } as const;

  assert.equal(checkConfiguration(renderBalancer(balancerInSwarm(sources))), "");
});
