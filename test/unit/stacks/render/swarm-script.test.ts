import assert from "node:assert/strict";
import { test } from "node:test";
import { renderHostScript } from "../../../../stacks/render/host-script.ts";
import { swarmLeadScript, swarmTokensScript } from "../../../../stacks/render/swarm-script.ts";

const LEAD = { name: "data", meshIp: "10.77.0.1" };
const HOSTS = [{ meshIp: "10.77.0.1", identity: "0f3c" }];
const lead = (joins: string[]) => renderHostScript(swarmLeadScript(LEAD, HOSTS, joins));

test("the lead's script runs again after a join, because the tokens in the state are invalid", () => {
  assert.equal(lead(["data 1", "work1 2"]), lead(["data 1", "work1 2"]));
  assert.notEqual(lead(["data 1", "work1 2"]), lead(["data 1", "work1 3"]));
});

test("both tokens are replaced after every new pair, and the script contains neither", () => {
  const text = renderHostScript(swarmTokensScript('{"manager":"SWMTKN-1-a","worker":"SWMTKN-1-b"}'));

  assert.match(text, /^for role in worker manager; do\n {2}swarm swarm join-token --rotate --quiet "\$role"/m);
  assert.doesNotMatch(text, /SWMTKN/);
  assert.notEqual(text, renderHostScript(swarmTokensScript('{"manager":"SWMTKN-1-c","worker":"SWMTKN-1-d"}')));
});
