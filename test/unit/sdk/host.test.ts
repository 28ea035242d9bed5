import assert from "node:assert/strict";
import { test } from "node:test";
import { connectHost, decodeQueryText, type Host, md5 } from "../../../services/sdk/host.ts";

test("an empty answer of a host that ran out of stack is a RangeError, for an id and for a query's text", () => {
  const outOfStack = () => "";
  connectHost({ md5: outOfStack, decodeQueryText: outOfStack } as unknown as Host);

  assert.throws(() => md5("a"), RangeError);
  assert.throws(() => decodeQueryText("%E4"), RangeError);
});
