import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { BadInputError } from "../../../../services/core/protocol/errors.ts";
import {
  addressRanges,
  databaseUrl,
  leaseSeconds,
  listenHost,
  listenPort,
  readEnv,
  redisUrl,
} from "../../../../services/core/runtime/env.ts";

const env = z
  .object({
    ORB_REDIS_URL: redisUrl(),
    ORB_DATABASE_URL: databaseUrl().optional(),
    ORB_HOST: listenHost(),
    ORB_PORT: listenPort(24_446),
    ORB_LEASE_SECONDS: leaseSeconds(),
    ORB_ALLOW_ADDRESSES: addressRanges(),
  })
  .transform(({ ORB_REDIS_URL, ORB_PORT, ...rest }) => ({ redisUrl: ORB_REDIS_URL, port: ORB_PORT, rest }));

function problemsOf(environment: Record<string, string>) {
  try {
    readEnv(env, environment);
  } catch (error) {
    assert.ok(error instanceof BadInputError);
    return error.problems;
  }
  return [];
}

test("missing variables get their defaults, and unrelated variables are ignored", () => {
  const settings = readEnv(env, { ORB_REDIS_URL: "redis://localhost", PATH: "/bin", ORB_HOST: "" });

  assert.deepEqual(settings, {
    redisUrl: "redis://localhost",
    port: 24_446,
    rest: { ORB_HOST: "127.0.0.1", ORB_LEASE_SECONDS: 15, ORB_ALLOW_ADDRESSES: [] },
  });
});

for (const [title, name, value, remedy] of [
  ["a port that is no number", "ORB_PORT", "x", /whole number from 0 to 65535/],
  ["a port above the range", "ORB_PORT", "65536", /whole number from 0 to 65535/],
  ["a negative port", "ORB_PORT", "-1", /whole number/],
  ["a host name", "ORB_HOST", "localhost", /IP address/],
  ["a lease of zero seconds", "ORB_LEASE_SECONDS", "0", /from 1 to 3600/],
  ["an address without a prefix length", "ORB_ALLOW_ADDRESSES", "10.0.0.0/8,127.0.0.1", /"127\.0\.0\.1": write an address range/],
  ["a log level that does not exist", "ORB_LOG_LEVEL", "loud", /one of trace, debug/],
  ["a variable that nothing reads", "ORB_REDIS_URI", "redis://h", /it is not read/],
] as const) {
  test(`${title} is refused with its path and remedy`, () => {
    const problems = problemsOf({ ORB_REDIS_URL: "redis://localhost", [name]: value });

    assert.deepEqual(
      problems.map(({ path }) => path),
      [name],
    );
    assert.match(problems[0]?.remedy ?? "", remedy);
  });
}

test("all problems are reported at once, without secrets", () => {
  const problems = problemsOf({
    ORB_REDIS_URL: "http://u:hunter2@h",
    ORB_DATABASE_URL: "mysql://u:hunter2@h",
    ORB_PORT: "x",
    ORB_FOO: "1",
  });

  assert.deepEqual(problems.map(({ path }) => path).sort(), ["ORB_DATABASE_URL", "ORB_FOO", "ORB_PORT", "ORB_REDIS_URL"]);
  assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
});

test("a missing required variable is reported with its format", () => {
  assert.match(problemsOf({})[0]?.remedy ?? "", /not set: write redis:/);
});

test("a secret can come from a file; an unreadable file is reported once, with the file's variable", () => {
  const directory = mkdtempSync(join(tmpdir(), "orb-env-"));
  writeFileSync(join(directory, "url"), "redis://from-file\n");

  const settings = readEnv(env, { ORB_REDIS_URL_FILE: join(directory, "url") });
  const broken = problemsOf({ ORB_REDIS_URL_FILE: join(directory, "none") });
  rmSync(directory, { recursive: true });

  assert.equal(settings.redisUrl, "redis://from-file");
  assert.deepEqual(
    broken.map(({ path }) => path),
    ["ORB_REDIS_URL_FILE"],
  );
});

test("only a secret can come from a file", () => {
  assert.deepEqual(
    problemsOf({ ORB_REDIS_URL: "redis://h", ORB_PORT_FILE: "/etc/hostname" }).map(({ path }) => path),
    ["ORB_PORT_FILE"],
  );
});
