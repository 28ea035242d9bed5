import assert from "node:assert/strict";
import { test } from "node:test";
import { BadInputError } from "../../../services/core/protocol/errors.ts";
import { settingName } from "../../../stacks/setting-names.ts";
import { parseSettings, withParts } from "../../../stacks/stack-settings.ts";
import { GOOD } from "../../fixtures/stack-configs.ts";

const TEXTS = { "orbweaver:hosts": JSON.stringify(GOOD.hosts), "orbweaver:secret": "a".repeat(64) };

test("settings are read from Pulumi's texts, whether they are JSON or plain text", () => {
  const config = parseSettings({
    ...TEXTS,
    "orbweaver:replicas": '{"webui":2}',
    "orbweaver:imagesOf": "2026-01-31",
    "aws:region": "eu-central-1",
  });

  assert.deepEqual([config.hosts.length, config.replicas.webui, config.imagesOf], [GOOD.hosts.length, 2, "2026-01-31"]);
});

test("a day without quotes is read from the text that Pulumi makes of it", () => {
  const config = parseSettings({ ...TEXTS, "orbweaver:imagesOf": "2026-11-29 00:00:00 +0000 UTC" });

  assert.equal(config.imagesOf, "2026-11-29");
});

test("a secret of digits only is a text", () => {
  const secret = "1".repeat(32);

  assert.equal(parseSettings({ ...TEXTS, "orbweaver:secret": secret }).secret, secret);
});

test("parts of a setting are replaced, its others stay, and a setting that has no parts is unchanged", () => {
  const texts = { "orbweaver:replicas": '{"webui":2,"fetcher":1}', "orbweaver:demo": "true", "orbweaver:limits": "none" };

  assert.equal(withParts(texts, "replicas", { webui: 3 })["orbweaver:replicas"], '{"webui":3,"fetcher":1}');
  assert.equal(withParts({}, "replicas", { webui: 3 })["orbweaver:replicas"], '{"webui":3}');
  assert.deepEqual(withParts(texts, "limits", { webui: "96MiB" }), texts);
});

test("a setting of the namespace that Orbweaver does not have is refused by its full name", () => {
  assert.throws(
    () => parseSettings({ ...TEXTS, "orbweaver:host": "{" }),
    (error) => error instanceof BadInputError && error.message.includes(settingName("host")),
  );
});
