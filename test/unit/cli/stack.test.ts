import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommand } from "../../../services/cli/arguments.ts";
import { UsageError } from "../../../services/cli/errors.ts";
import { parseReplicas } from "../../../services/cli/stack/scale.ts";

test("replicas are pairs of role and number; any other word is refused immediately", () => {
  assert.deepEqual(parseReplicas(["webui=4", "result-worker=0"]), { webui: 4, "result-worker": 0 });
  assert.throws(
    () => parseReplicas(["webui=x", "fetcher=1", "fetchers=2"]),
    (error) => error instanceof UsageError && error.problems.length === 2,
  );
});

test("a role is written once", () => {
  assert.throws(
    () => parseReplicas(["webui=2", "fetcher=1", "webui=3"]),
    (error) => error instanceof UsageError && error.message.includes('"webui=3": write webui once'),
  );
});

test("arguments in brackets are optional, and a last argument with dots can be repeated", () => {
  const spec = { name: "ssh", summary: "", flags: {}, notes: [] };

  assert.deepEqual(parseCommand({ ...spec, positionals: ["HOST", "[COMMAND…]"] }, ["data"]).positionals, ["data"]);
  assert.deepEqual(parseCommand({ ...spec, positionals: ["HOST", "[COMMAND…]"] }, ["data", "--", "ls", "-a"]).positionals, [
    "data",
    "ls",
    "-a",
  ]);
  assert.throws(() => parseCommand({ ...spec, positionals: ["ROLE=N…"] }, []), UsageError);
});
