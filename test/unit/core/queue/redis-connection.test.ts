import assert from "node:assert/strict";
import test from "node:test";
import { QueueUnavailableError } from "../../../../services/core/queue/errors.ts";
import { isUnavailable, retryWhileUnavailable, type UnavailableOptions } from "../../../../services/core/queue/redis-connection.ts";

const connectionLost = () => new Error("Connection is closed.");
const replyError = (message: string) =>
  Object.assign(new Error(message), { name: "ReplyError", command: { name: "auth", args: ["secret"] } });

const cases: [string, unknown, boolean][] = [
  ["a lost connection", connectionLost(), true],
  ["a server that loads its data", replyError("LOADING Redis is loading the dataset in memory"), true],
  ["a server without memory", replyError("OOM command not allowed when used memory > 'maxmemory'."), true],
  ["a script refused for lack of memory", replyError("-OOM command not allowed script: 00, on @user_script:12."), true],
  ["a stream that is missing", replyError("NOGROUP No such key"), false],
  ["a command that is not allowed", replyError("NOPERM this user has no permissions"), false],
  ["a bug", new TypeError("undefined is not a function"), false],
];
for (const [title, error, expected] of cases) {
  test(`${title} is ${expected ? "" : "not "}retryable`, () => {
    assert.equal(isUnavailable(error), expected);
  });
}

const options: UnavailableOptions = { url: "redis://orb:secret@127.0.0.1:6379", forMs: 10_000, connectionError: () => undefined };

test("work is retried until it succeeds", async () => {
  const errors = [connectionLost(), connectionLost()];

  const result = await retryWhileUnavailable(async () => {
    const error = errors.pop();
    if (error) throw error;
    return "done";
  }, options);

  assert.equal(result, "done");
});

test("after the last attempt the error has the server, the time and the connection's failure, without the password", async () => {
  const trying = retryWhileUnavailable(() => Promise.reject(connectionLost()), {
    ...options,
    forMs: 0,
    connectionError: () => new Error("connect ECONNREFUSED"),
  });

  await assert.rejects(trying, (error: Error) => {
    assert(error instanceof QueueUnavailableError);
    assert.match(error.message, /^Redis at 127\.0\.0\.1:6379 accepted no command for \d+ ms \(connect ECONNREFUSED\)/);
    return !error.message.includes("secret");
  });
});

test("an abort ends the retries", async () => {
  const trying = retryWhileUnavailable(() => Promise.reject(connectionLost()), { ...options, signal: AbortSignal.abort() });

  await assert.rejects(trying, QueueUnavailableError);
});

test("a refusal is passed on at once, without the arguments of its command", async () => {
  const trying = retryWhileUnavailable(() => Promise.reject(replyError("WRONGPASS invalid")), options);

  await assert.rejects(trying, (error: Error) => error.message === "WRONGPASS invalid" && !("command" in error));
});
