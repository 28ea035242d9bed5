import assert from "node:assert/strict";
import { test } from "node:test";
import { renderConfiguration } from "../../../stacks/haproxy/configuration.ts";
import { balancerInSwarm, renderBalancer } from "../../../stacks/render/balancer.ts";
import { checkConfiguration, noHaproxy } from "../../fixtures/haproxy.ts";
import { fullModel, smallModel } from "../../unit/stacks/haproxy/models.ts";

const configurations: [string, () => string][] = [
  ["the smallest model", () => renderConfiguration(smallModel)],
  ["everything that the library can say", () => renderConfiguration(fullModel)],
  ["the balancer's configuration", () => renderBalancer(balancerInSwarm(["10.77.0.0/24", "172.18.0.1"]))],
];

for (const [name, render] of configurations) {
  test(`haproxy has nothing against ${name}`, { skip: noHaproxy }, () => {
    assert.equal(checkConfiguration(render()), "");
  });
}
