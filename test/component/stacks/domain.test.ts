import assert from "node:assert/strict";
import { before, test } from "node:test";
import { derivePasswords } from "../../../stacks/config/passwords.ts";
import { type Declared, declareFleet, SECRET } from "../../fixtures/declared-fleet.ts";

const DOMAIN = "crawl.example.org";
let declared: Declared[];
before(async () => {
  declared = await declareFleet("component-test-domain", {
    "orbweaver:domain": DOMAIN,
    "orbweaver:acme": JSON.stringify({ email: "admin@example.org", staging: true }),
  });
});

const textOf = (name: string) => JSON.stringify(declared.find((resource) => resource.name === name)?.inputs);
const taskOf = (role: string) =>
  declared.find(({ name, type }) => name === role && type === "docker:index/service:Service")?.inputs.taskSpec as {
    networksAdvanceds: object[];
  };
const taskText = (role: string) => JSON.stringify(taskOf(role));

test("only the scheduler orders certificates and reaches the internet for them", () => {
  assert.match(taskText("scheduler"), /ORB_ACME_DOMAIN=crawl\.example\.org/);
  assert.match(taskText("scheduler"), /ORB_ACME_DIRECTORY=https:\/\/acme-staging-v02\.api\.letsencrypt\.org\/directory/);
  assert.match(taskText("scheduler"), /ORB_ACME_PASSPHRASE_FILE=\/run\/secrets\/acme-passphrase/);
  assert.deepEqual(
    ["scheduler", "result-worker"].map((role) => taskOf(role).networksAdvanceds.length),
    [3, 2],
  );
  for (const role of ["webui", "fetcher", "processor", "renderer", "result-worker"]) assert.doesNotMatch(taskText(role), /ACME/);
});

test("only edge hosts get the passphrase and look for certificates", () => {
  const { certificate } = derivePasswords(SECRET);

  const scripts = declared.filter(({ name }) => name.endsWith("-certificate"));
  const holders = declared.filter(({ inputs }) => JSON.stringify(inputs).includes(certificate)).map(({ name }) => name);

  assert.deepEqual(
    scripts.map(({ name }) => name),
    ["work1-certificate"],
  );
  assert.deepEqual(holders, ["work1-certificate"]);
  assert.match(textOf("work1-certificate"), /\\nput \/etc\/orbweaver\/certificate\/passphrase 600 /);
});

test("the program's declarations contain no private key", () => {
  assert.doesNotMatch(JSON.stringify(declared.filter(({ name }) => name !== "key")), /BEGIN (?:EC |ENCRYPTED )?PRIVATE KEY-----\\n/);
});

test("edge settings are applied after the certificate's files, and send plain HTTP to the domain", () => {
  const settings = textOf("work1-edge-settings");
  const order = declared.map(({ name }) => name);

  assert.match(settings, /return 308 https:\/\/crawl\.example\.org\$request_uri;/);
  assert.ok(order.indexOf("work1-certificate") < order.indexOf("work1-edge-settings"), order.join(" "));
});
