/** Random models of `haproxy-config-generator`: the real HAProxy accepts what the package accepts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RefusedModelError, renderConfiguration } from "haproxy-config-generator";
import { checkConfiguration, noHaproxy } from "../../packages/haproxy-config-generator/test/check-configuration.ts";
import { fewerRuns } from "../fixtures/arbitraries.ts";
import { anyHaproxyModel } from "../fixtures/haproxy-model-arbitraries.ts";

test("HAProxy accepts the configuration of every model that is not refused, without a warning", { skip: noHaproxy }, () => {
  const property = fc.property(anyHaproxyModel, (model) => {
    const configuration = renderUnlessRefused(model);
    fc.pre(configuration !== undefined);

    assert.equal(checkConfiguration(configuration), "", configuration);
  });

  fc.assert(property, fewerRuns(0.2));
});

function renderUnlessRefused(model: Parameters<typeof renderConfiguration>[0]): string | undefined {
  try {
    return renderConfiguration(model);
  } catch (error) {
    assert.ok(error instanceof RefusedModelError);
    return undefined;
  }
}
