/** Rows of the inbox: each is read as it was written, or refused with a reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseRequest } from "../../../services/scheduler/inbox.ts";
import { anyJson, anyText } from "../../fixtures/arbitraries.ts";

/** The request, or the reason why it is refused. */
function read(text: string | null): unknown {
  try {
    return parseRequest(text);
  } catch (error) {
    return error;
  }
}

test("any JSON is a request or is refused with a short reason, and invalid JSON is refused", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyJson.map((value) => JSON.stringify(value)),
        anyText(),
      ),
      (text) => {
        const error = read(text);

        assert.ok(error instanceof Error);
        assert.ok(error.message.length > 5 && error.message.length < 200);
      },
    ),
  );
});

test("values that a script saves in a follow are read unchanged", () => {
  fc.assert(
    fc.property(anyJson, (save) => {
      const request = { kind: "follows", project: "books", follows: [{ taskid: "a", url: "u", process: { callback: "c" }, save }] };

      assert.deepEqual(read(JSON.stringify(request)), request);
    }),
  );
});
