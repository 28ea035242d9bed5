/** What commands on a stack refuse before they change anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeEngine } from "../../fixtures/fake-engine.ts";
import { GOOD } from "../../fixtures/stack-configs.ts";

for (const words of [["up", "--yes"], ["destroy", "--delete-data", "--yes"], ["token", "--stack", "fleet"], ["cancel"], ["status"]]) {
  test(`${words[0]} of a stack that the state does not have creates none and contacts no host`, async () => {
    using engine = fakeEngine({ hasStack: false });
    await using orb = engine.orb(...words);

    const { code, stderr } = await orb.ended;

    assert.equal(code, 1, stderr);
    assert.match(stderr, /The state has no stack 'fleet'\. Create it: pulumi stack init fleet\..*\(E_NO_STACK\)\n$/);
    assert.doesNotMatch(engine.calls("pulumi"), /stack init/);
    assert.equal(engine.calls("ssh"), "");
  });
}

for (const [what, words, says] of [
  ["more replicas than the balancer has places for", ["webui=100"], /orbweaver:replicas\.webui = 100: write a whole number from 1 to 28/],
  ["no web UI", ["fetcher=2", "webui=0"], /orbweaver:replicas\.webui = 0: write a whole number from 1 to 28/],
] as const) {
  test(`scale with ${what} is refused, and the config is unchanged`, async () => {
    using engine = fakeEngine({});
    await using orb = engine.orb("scale", ...words);

    const { code, stderr } = await orb.ended;

    assert.equal(code, 78, stderr);
    assert.match(stderr, says);
    assert.doesNotMatch(engine.calls("pulumi"), /^config set/m);
  });
}

test("scale corrects a number that is already wrong in the config", async () => {
  using engine = fakeEngine({ config: { ...GOOD, replicas: { webui: 100 } } });
  await using orb = engine.orb("scale", "webui=2");

  await orb.ended;

  assert.match(engine.calls("pulumi"), /^config set --path .*orbweaver:replicas\.webui .*2/m);
});
