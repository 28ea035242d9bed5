import assert from "node:assert/strict";
import { test } from "node:test";
import { toFailure } from "../../../services/webui/failure.ts";

const answerTo = (error: Error) => {
  const { status, body } = toFailure(error, { id: "1", contentType: undefined });
  return [status, body.error.code];
};

for (const code of ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "57P01", "57P03", "53300", "08006"]) {
  test(`${code} of Postgres is answered as a database that is away`, () => {
    assert.deepEqual(answerTo(Object.assign(new Error("x"), { code })), [503, "E_DATABASE_UNREACHABLE"]);
  });
}

test("so is a wait for a connection that none came of", () => {
  assert.deepEqual(answerTo(new Error("timeout exceeded when trying to connect")), [503, "E_DATABASE_UNREACHABLE"]);
});

test("a statement that took too long is told from a bug", () => {
  assert.deepEqual(answerTo(Object.assign(new Error("x"), { code: "57014" })), [503, "E_QUERY_TIMEOUT"]);
  assert.deepEqual(answerTo(Object.assign(new Error("x"), { code: "22P05" })), [500, "E_INTERNAL"]);
});
