import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressRanges } from "../../../services/core/runtime/env.ts";
import { rendererEnv } from "../../../services/renderer/env.ts";
import { schedulerEnv } from "../../../services/scheduler/env.ts";
import { anyChange, anyJson, fewerRuns } from "../../fixtures/arbitraries.ts";
import { renderFleet } from "../../fixtures/rendered-fleet.ts";
import { anyStackConfig } from "../../fixtures/stack-config-arbitraries.ts";
import { readConfig, type Values } from "../../fixtures/stack-configs.ts";

test("a stack config with any change is accepted or refused with its problems", () => {
  fc.assert(
    fc.property(anyStackConfig, anyChange, (values, change) => {
      const changed = change(values);
      fc.pre(typeof changed === "object" && changed !== null);

      const { config, problems } = readConfig(changed as Values);

      assert.equal(problems.length === 0, config !== undefined);
    }),
    fewerRuns(0.5),
  );
});

test("any values of all settings are accepted or refused", () => {
  const KEYS = ["hosts", "ssh", "secret", "replicas", "limits", "restart", "demo", "images", "imagesOf", "aptSource", "allowAddresses"];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...KEYS), anyJson), (values) => {
      readConfig(values);
    }),
    fewerRuns(0.5),
  );
});

test("an accepted stack config can be rendered for every host, and the roles accept their settings", () => {
  let accepted = 0;
  const property = fc.property(anyStackConfig, (values) => {
    const { config } = readConfig(values);
    if (config === undefined) return;
    accepted++;

    const { environment } = renderFleet(config);

    const services = { ORB_REDIS_URL: "redis://queue", ORB_DATABASE_URL: "postgres://store/orbweaver" };
    schedulerEnv.parse({ ...services, ORB_IN_FLIGHT_MIB: environment.ORB_IN_FLIGHT_MIB });
    if (config.allowAddresses.length > 0) {
      rendererEnv.parse({ ORB_ALLOW_ADDRESSES: environment.ORB_ALLOW_ADDRESSES });
      assert.deepEqual(addressRanges().parse(environment.ORB_ALLOW_ADDRESSES), config.allowAddresses);
    }
  });

  const { numRuns } = fewerRuns(0.5);
  fc.assert(property, { numRuns });

  assert.ok(accepted > numRuns / 10, `${accepted} of ${numRuns} were accepted`);
});
