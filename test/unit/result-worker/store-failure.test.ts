import assert from "node:assert/strict";
import { test } from "node:test";
import { DatabaseUnreachableError, EmbeddedDatabaseError } from "../../../services/core/store/errors.ts";
import { classifyStoreFailure } from "../../../services/result-worker/store-failure.ts";

const withCode = (code: string) => Object.assign(new Error(code), { code });

for (const [title, error, expected] of [
  ["a value that Postgres cannot take", withCode("22P05"), "data"],
  ["a broken constraint", withCode("23505"), "data"],
  ["a row that is too long", withCode("54000"), "data"],
  ["a server that shuts down", withCode("57P01"), "passing"],
  ["a full disk", withCode("53100"), "passing"],
  ["a deadlock", withCode("40P01"), "passing"],
  ["a refused connection", withCode("ECONNREFUSED"), "passing"],
  ["a connection that broke without a message", new Error("Connection terminated unexpectedly"), "passing"],
  ["Postgres out of reach", new DatabaseUnreachableError("postgres://h/d", {}), "passing"],
  ["a missing table", withCode("42P01"), "fatal"],
  ["a bug", new TypeError("x is not a function"), "fatal"],
  ["an embedded database that ended", new EmbeddedDatabaseError("/d"), "fatal"],
] as const) {
  test(`${title}: ${expected}`, () => {
    assert.equal(classifyStoreFailure(error), expected);
  });
}
