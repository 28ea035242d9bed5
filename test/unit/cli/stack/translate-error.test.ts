import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandError } from "@pulumi/pulumi/automation/index.js";
import { failureText } from "../../../../services/cli/exit-codes.ts";
import { StackLockedError } from "../../../../services/cli/stack/engine-errors.ts";
import { parseLocks, translateError, translateFailure } from "../../../../services/cli/stack/translate-error.ts";
import { CrawlerError } from "../../../../services/core/protocol/errors.ts";

/** As `inOwnGroup` makes it of what the engine printed. */
const printed = (text: string) => Object.assign(Object.create(CommandError.prototype) as Error, { name: "CommandError", message: text });

/** What Pulumi 3.259 printed. */
const LOCKED = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///srv/state/.pulumi/locks/organization/orbweaver/fleet/0b8e6ad4-1111-4222-8333-444455556666.json?no_tmp_dir=true: created by ops@desk (pid 4711) at 2026-01-02T03:04:05Z`;
const PLUGIN =
  "Could not automatically download and install resource plugin 'pulumi-resource-command' at version v1.2.1, install the plugin using `pulumi plugin install resource command v1.2.1`: error downloading provider command to file: failed to download plugin: command-1.2.1: failed all 5 attempts";

const table: [what: string, text: string, code: string, says: RegExp][] = [
  [
    "broken YAML in the stack's file",
    "error: invalid YAML file: yaml: line 1: did not find expected ',' or '}'",
    "E_STACK_FILE",
    /^Pulumi\.fleet\.yaml cannot be read: line 1: did not find/,
  ],
  [
    "a tab in the stack's file",
    "error: invalid YAML file: yaml: line 2: found character that cannot start any token",
    "E_STACK_FILE",
    /Pulumi\.fleet\.yaml.*line 2/,
  ],
  [
    "a key without a namespace in the stack's file",
    "error: invalid YAML file: could not unmarshal map: could not parse a:b:c as a configuration key (configuration keys should be of the form `<namespace>:<name>`)",
    "E_STACK_FILE",
    /cannot be read: could not parse a:b:c/,
  ],
  [
    "a key that the stack's file has twice",
    'error: yaml: unmarshal errors:\n  line 6: mapping key "orbweaver:restart" already defined at line 5\n  line 16: mapping key "x" already defined',
    "E_STACK_FILE",
    /^Pulumi\.fleet\.yaml cannot be read: line 6: mapping key "orbweaver:restart" already defined at line 5\. Correct it/,
  ],
  [
    "no login",
    "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
    "E_NOT_LOGGED_IN",
    /pulumi login --local/,
  ],
  [
    "no passphrase",
    "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    "E_PASSPHRASE",
    /none is set\. Set PULUMI_CONFIG_PASSPHRASE/,
  ],
  [
    "no passphrase for a new stack",
    "error: could not create secrets manager for new stack: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    "E_PASSPHRASE",
    /none is set/,
  ],
  ["a wrong passphrase", "error: incorrect passphrase", "E_PASSPHRASE", /is not the one that the stack's secrets were encrypted with/],
  [
    "a passphrase file that does not exist",
    "error: unable to read PULUMI_CONFIG_PASSPHRASE_FILE: open /nonexistent: no such file or directory",
    "E_PASSPHRASE",
    /open \/nonexistent: no such file/,
  ],
  [
    "a secret of another passphrase",
    "error: could not decrypt configuration values: cipher: message authentication failed",
    "E_PASSPHRASE",
    /encrypted with another passphrase or secrets provider.*pulumi config set --secret/,
  ],
  ["a stack that the state does not have", "error: no stack named 'fleet' found", "E_NO_STACK", /pulumi stack init fleet/],
  ["a lock", LOCKED, "E_STACK_LOCKED", /locked by ops@desk \(process 4711, since 2026-01-02T03:04:05Z\).*\.\/orb cancel --stack fleet/],
  ["a lock of Pulumi Cloud", "error: [409] Conflict: Another update is currently in progress.", "E_STACK_LOCKED", /another deployment/],
  [
    "a state folder that does not exist",
    'error: unable to open state directory "file:///srv/x": stat /srv/x: no such file or directory',
    "E_STATE_BACKEND",
    /stat \/srv\/x/,
  ],
  [
    "a plugin that cannot be downloaded",
    `error: ${PLUGIN}`,
    "E_PROVIDER_PLUGIN",
    /'command' 1\.2\.1 .*failed all 5 attempts.*Check the network/,
  ],
  ["no pulumi", "spawn pulumi ENOENT", "E_NO_PULUMI", /is not on the PATH/],
  ["anything else", "error: the moon is not up", "E_ENGINE", /the moon is not up/],
];

for (const [what, text, code, says] of table) {
  test(`an engine error becomes a message with a remedy: ${what}`, () => {
    const error = translateError(printed(text), "fleet");

    assert.ok(error instanceof CrawlerError);
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.doesNotMatch(failureText(error), /This is a bug|CommandError|err\?/);
  });
}

test("a pulumi that is too old is reported with the required version", () => {
  const error = translateError(
    new Error(
      "Minimum version requirement failed. The minimum CLI version requirement is 3.2.0-alpha, your current CLI version is v3.1.0. Please update the Pulumi CLI.",
    ),
    "fleet",
  );

  assert.match(String(error), /version v3\.1\.0; 3\.2\.0-alpha or newer is needed/);
});

test("invalid YAML in Pulumi.yaml is reported with its first line", () => {
  const error = translateError(
    Object.assign(new Error("missed comma between flow collection entries (3:1)\n\n 1 | name"), { name: "YAMLException" }),
    "fleet",
  );

  assert.match(String(error), /Pulumi\.yaml cannot be read: missed comma between flow collection entries \(3:1\)\. Correct/);
});

test("the Automation API's text around the engine's output is removed", () => {
  const line = "Command failed with exit code 1: pulumi config --json --stack fleet";
  const error = translateError(
    printed(`code: -2\n stdout: \n stderr: ${line}\nerror: a thing\n err?: Error: ${line}\nerror: a thing\n`),
    "fleet",
  );

  assert.equal((error as Error).message, "The engine 'pulumi' ended with an error:\nerror: a thing");
});

test("an error that is not the engine's stays unchanged", () => {
  const error = new TypeError("x is undefined");

  assert.equal(translateError(error, "fleet"), error);
});

test("a lock's holder is reported once, even if the engine's text is repeated", () => {
  assert.deepEqual(parseLocks(`${LOCKED}\n${LOCKED}`), [{ owner: "ops@desk", machine: "desk", pid: 4711, since: "2026-01-02T03:04:05Z" }]);
  assert.ok(translateError(printed(LOCKED), "fleet") instanceof StackLockedError);
});

test("a resource failure is translated only if a plugin is missing", () => {
  assert.equal(translateFailure(PLUGIN)?.code, "E_PROVIDER_PLUGIN");
  assert.equal(translateFailure("exit status 1"), undefined);
});
