/** What each login of Redis may do, asked of a real server (`ACL DRYRUN`): all commands that it knows, on all keys that there are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Redis } from "ioredis";
import { answerKey, replicasKey, SCRIPT_LIST_KEY, SETTLE_KEYS, scriptKey } from "../../../services/core/queue/redis-keys.ts";
import { CONNECTION_COMMANDS, LOADERS, QUEUE_RIGHTS, type RoleLogin } from "../../../stacks/render/redis-rights.ts";
import { REDIS_IS_MISSING, redisIsInstalled } from "../../fixtures/redis-server.ts";
import { startRedisWithLogins } from "../../fixtures/redis-with-logins.ts";

const skip = !redisIsInstalled && REDIS_IS_MISSING;
const LOGINS = Object.keys(QUEUE_RIGHTS) as RoleLogin[];
const KEYS = [...SETTLE_KEYS, SCRIPT_LIST_KEY, scriptKey("aa"), answerKey("aa"), replicasKey("fetcher"), replicasKey("webui"), "other"];
/** Whatever the rights say: no role reads all keys, changes the server, or brings code. */
const NEVER = [
  "eval",
  "evalsha",
  "eval_ro",
  "script|load",
  "keys",
  "scan",
  "config|set",
  "flushall",
  "flushdb",
  "acl|setuser",
  "shutdown",
  "debug",
  "monitor",
];

/** Of each command, the words around a key. */
const WORDS: Record<string, (key: string) => (string | number)[]> = {
  fcall: (key) => ["f", 1, key],
  xreadgroup: (key) => ["GROUP", "g", "c", "STREAMS", key, ">"],
  xpending: (key) => [key, "g"],
  xclaim: (key) => [key, "g", "c", 0, "1-0"],
  xack: (key) => [key, "g", "1-0"],
  xdel: (key) => [key, "1-0"],
  xrange: (key) => [key, "-", "+"],
  xadd: (key) => [key, "*", "m", "text"],
  "xgroup|create": (key) => [key, "g", 0],
  "xgroup|delconsumer": (key) => [key, "g", "c"],
  "xinfo|consumers": (key) => [key, "g"],
  set: (key) => [key, "text"],
  hset: (key) => [key, "field", "text"],
  hdel: (key) => [key, "field"],
  ...Object.fromEntries(["xlen", "get", "getdel", "del", "hgetall", "hlen"].map((command) => [command, (key: string) => [key]])),
};

const matches = (pattern: string, key: string) => (pattern.endsWith("*") ? key.startsWith(pattern.slice(0, -1)) : key === pattern);
const isDeclared = (login: RoleLogin, command: string, key: string) =>
  QUEUE_RIGHTS[login].some(({ commands, keys }) => commands.includes(command) && keys.some((pattern) => matches(pattern, key)));

async function allows(operator: Redis, login: string, command: string, words: (string | number)[]): Promise<boolean> {
  const answer = await operator.call("ACL", "DRYRUN", login, ...command.split("|"), ...words);
  if (answer !== "OK") assert.match(String(answer), /no permissions/, `${command} ${words.join(" ")}`);
  return answer === "OK";
}

/** All commands of the server, `container|subcommand` where there are such, each with how many words it needs. */
async function serverCommands(operator: Redis): Promise<[name: string, words: number][]> {
  type Info = [name: string, arity: number, ...unknown[]];
  const infos = (await operator.call("COMMAND")) as Info[];
  return infos.flatMap((info) => {
    const subcommands = (info[9] ?? []) as Info[];
    return (subcommands.length > 0 ? subcommands : [info]).map(
      ([name, arity]) => [name.toLowerCase(), Math.abs(arity) - name.split("|").length] as [string, number],
    );
  });
}

test("each login can run only the commands of its work, and only on its own keys", { skip }, async (context) => {
  await using redis = await startRedisWithLogins();
  const commands = await serverCommands(redis.operator);
  const declared = new Set(LOGINS.flatMap((login) => QUEUE_RIGHTS[login].flatMap((right) => right.commands)));
  const wrong: string[] = [];
  let asked = 0;

  for (const login of LOGINS) {
    const table: string[] = [];
    const check = async (command: string, words: (string | number)[], expected: boolean) => {
      asked++;
      const isAllowed = await allows(redis.operator, login, command, words);
      if (isAllowed !== expected) wrong.push(`${login}: ${command} ${words.join(" ")} is ${isAllowed ? "allowed" : "refused"}`);
      if (isAllowed) table.push(`${command} ${words.find((word) => KEYS.includes(String(word))) ?? ""}`.trim());
    };
    for (const command of declared)
      for (const key of KEYS) await check(command, WORDS[command]?.(key) ?? assert.fail(command), isDeclared(login, command, key));
    for (const [command, count] of commands) {
      if (declared.has(command)) continue;
      const isOpen = (CONNECTION_COMMANDS as readonly string[]).includes(command);
      const loads = command === "function|load" && LOADERS.includes(login);
      // Allowed by Redis itself, whatever a login's rights: they end or name the login.
      const isFree = ["auth", "hello", "quit", "reset"].includes(command);
      if (!isFree)
        await check(
          command,
          Array.from({ length: count }, () => "orb:marker"),
          isOpen || loads,
        );
    }
    context.diagnostic(`${login}: ${table.join(", ")}`);
  }

  assert.deepEqual(wrong, []);
  assert.ok(asked > 2_500, `only ${asked} questions`);
});

test("no login can run EVAL, list all keys, or change the server", () => {
  const rights = LOGINS.flatMap((login) => QUEUE_RIGHTS[login]);

  assert.deepEqual(
    rights.flatMap(({ commands }) => commands).filter((command) => NEVER.includes(command)),
    [],
  );
  assert.deepEqual(
    LOGINS.filter((login) => isDeclared(login, "set", scriptKey("aa"))),
    ["scheduler"],
  );
});
