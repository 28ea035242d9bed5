import assert from "node:assert/strict";
import { test } from "node:test";
import { renderConfiguration } from "../src/configuration.ts";
import { checkConfiguration, noHaproxy } from "./check-configuration.ts";
import { fullModel, smallModel } from "./models.ts";

const configurations: [string, () => string][] = [
  ["the smallest model", () => renderConfiguration(smallModel)],
  ["a model that uses every property", () => renderConfiguration(fullModel)],
];

for (const [name, render] of configurations) {
  test(`haproxy accepts ${name} without a warning`, { skip: noHaproxy }, () => {
    assert.equal(checkConfiguration(render()), "");
  });
}
