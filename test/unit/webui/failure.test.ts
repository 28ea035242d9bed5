import assert from "node:assert/strict";
import { test } from "node:test";
import { toFailure } from "../../../services/webui/failure.ts";

const answerTo = (error: Error) => {
  const { status, body } = toFailure(error, { id: "1", contentType: undefined, bodyLimitBytes: 1 });
  return [status, body.error.code];
};

for (const code of ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "57P01", "57P03", "53300", "08006"]) {
  test(`${code} of Postgres is answered as an unreachable database`, () => {
    assert.deepEqual(answerTo(Object.assign(new Error("x"), { code })), [503, "E_DATABASE_UNREACHABLE"]);
  });
}

test("a timeout while waiting for a connection is answered as an unreachable database", () => {
  assert.deepEqual(answerTo(new Error("timeout exceeded when trying to connect")), [503, "E_DATABASE_UNREACHABLE"]);
});

test("a statement timeout is distinguished from a bug", () => {
  assert.deepEqual(answerTo(Object.assign(new Error("x"), { code: "57014" })), [503, "E_QUERY_TIMEOUT"]);
  assert.deepEqual(answerTo(Object.assign(new Error("x"), { code: "22P05" })), [500, "E_INTERNAL"]);
});
