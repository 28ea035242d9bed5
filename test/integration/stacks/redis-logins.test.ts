import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { Redis } from "ioredis";
import pino from "pino";
import { connectRedisQueues } from "../../../services/core/queue/redis.ts";
import { derivePasswords } from "../../../stacks/config/passwords.ts";
import { renderRedisAcl, renderRedisConf } from "../../../stacks/render/redis.ts";
import { REDIS_IS_MISSING, redisIsInstalled } from "../../fixtures/redis-server.ts";
import { findFreePort, startServerProcess } from "../../fixtures/server-process.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { testQueues } from "../queue-contract.ts";

const log = pino({ level: "silent" });
const { queue: passwords } = derivePasswords("5".repeat(32));

if (redisIsInstalled) {
  const redis = await startFromFiles();
  test.after(() => redis[Symbol.asyncDispose]());
  testQueues(async () => {
    await redis.operator.flushall();
    const queues = await connectRedisQueues({ url: redis.urlOf("processor"), leaseMs: 900, log });
    return { queues, [Symbol.asyncDispose]: () => queues.close() };
  });
  testRefusals(redis);
} else {
  test("Redis with a login a role", { skip: REDIS_IS_MISSING }, () => {});
}

function testRefusals(redis: Awaited<ReturnType<typeof startFromFiles>>): void {
  test("without a password nothing is answered", async () => {
    await using client = connect(`redis://127.0.0.1:${redis.port}`);

    await assert.rejects(client.get("orb:marker"), /NOAUTH/);
  });

  for (const command of [
    ["flushall"],
    ["config", "get", "*"],
    ["keys", "*"],
    ["acl", "list"],
    ["shutdown"],
    ["get", "other"],
    ["client", "kill", "id", "1"],
  ]) {
    test(`a role may not ${command.join(" ")}`, async () => {
      await using client = connect(redis.urlOf("fetcher"));

      await assert.rejects(client.call(...(command as [string])), /NOPERM/);
    });
  }
}

/** Redis as the data host runs it, but for port and address. */
async function startFromFiles() {
  const directory = temporaryDirectory();
  const port = await findFreePort();
  const urlOf = (login: keyof typeof passwords) => `redis://${login}:${passwords[login]}@127.0.0.1:${port}`;
  const file = (name: string) => `${directory.path}/${name}`;
  writeFileSync(file("users.acl"), renderRedisAcl(passwords));
  writeFileSync(file("redis.conf"), renderRedisConf({ limitMiB: 128, aclFile: file("users.acl"), directory: directory.path }));
  const operator = connect(urlOf("operator"));
  const server = await startServerProcess({
    command: "redis-server",
    args: [file("redis.conf"), "--port", String(port), "--bind", "127.0.0.1"],
    options: { cwd: directory.path },
    answers: async () => (await operator.ping()) === "PONG",
  });
  return {
    ...{ port, urlOf, operator },
    async [Symbol.asyncDispose]() {
      operator.disconnect();
      await server.stop("SIGKILL");
      directory[Symbol.dispose]();
    },
  };
}

function connect(url: string) {
  const client = new Redis(url, { enableReadyCheck: false, retryStrategy: () => 50 });
  client.on("error", () => {});
  return Object.assign(client, { [Symbol.asyncDispose]: async () => client.disconnect() });
}
