/** Requests made from the OpenAPI document: none fails, and every answer has a status, a type and a form that the document names. */
import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { mostlyValid, type Schema, valid } from "../../fixtures/schema-arbitraries.ts";
import { addResults, addTask, SCRIPT, TOKEN } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

interface Operation {
  parameters: { name: string; in: "path" | "query"; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content: Record<string, { schema: object }> }>;
}

interface Asked {
  path: string;
  body: unknown;
}

/** A step of the debugger needs a processor: test/integration/webui/debug.test.ts. */
const LEFT_OUT = ["POST /api/v1/projects/{name}/debug"];
/** Values of parameters that exist. */
const KNOWN: Record<string, unknown[]> = { name: ["books"], project: ["books"], taskid: ["task1", "task00000001"], index: [0] };

const RUNS = Number(process.env.RUNS ?? 15);
const { store, webui } = await openWebuiOfFile();
const operations: [name: string, operation: Operation][] = [];

before(async () => {
  const { json } = await webui.anonymous("GET", "/openapi.json");
  for (const [path, methods] of Object.entries(json.paths as Record<string, Record<string, Operation>>)) {
    for (const [method, operation] of Object.entries(methods)) operations.push([`${method.toUpperCase()} ${path}`, operation]);
  }
});
beforeEach(async () => {
  await store.reset();
  await addResults(store.database, "books", 3);
  for (const status of [1, 2, 3])
    await addTask(store.database, { project: "books", taskid: `task${status}`, status, updatetime: 1_700_000_000 });
});

test("requests that the OpenAPI document allows, and others, are answered as it says", async () => {
  const tried = operations.filter(([name]) => !LEFT_OUT.includes(name));
  assert.ok(tried.length > 15);
  for (const [name, operation] of tried) {
    const [method = "", path = ""] = name.split(" ");
    const property = fc.asyncProperty(askedOf(path, operation), async (asked) => {
      if (method !== "GET") await webui.request("PUT", "/projects/books", { script: SCRIPT, group: "", status: "RUNNING" });
      await checkAnswer(name, operation, await ask(method, asked));
    });
    await fc.assert(property, { numRuns: RUNS });
  }
});

function askedOf(path: string, { parameters, requestBody }: Operation): fc.Arbitrary<Asked> {
  const inPath = parameters.filter((one) => one.in === "path");
  const inQuery = parameters.filter((one) => one.in === "query");
  const body = requestBody?.content["application/json"]?.schema;
  return fc
    .record({
      segments: fc.tuple(...inPath.map(({ name, schema }) => fc.oneof(fc.constantFrom(...(KNOWN[name] ?? ["a"])), valid(schema)))),
      query: fc.record(Object.fromEntries(inQuery.map(({ name, schema }) => [name, mostlyValid(schema)])), { requiredKeys: [] }),
      body: body ? mostlyValid(body) : fc.constant(undefined),
    })
    .map(({ segments, query, body }) => {
      const values = Object.fromEntries(inPath.map(({ name }, place) => [name, segments[place]]));
      const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => inUrl(values[name]));
      const pairs = Object.entries(query).map(([name, value]) => `${name}=${inUrl(value)}`);
      return { path: `${filled}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`, body };
    });
}

/** Objects have no text of their own. */
const inUrl = (value: unknown) => encodeURIComponent((typeof value === "object" ? JSON.stringify(value) : String(value)).toWellFormed());

async function ask(method: string, { path, body }: Asked): Promise<Response> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return fetch(webui.url + path, { method, ...json, headers: { authorization: `Bearer ${TOKEN}`, ...json.headers } });
}

const checkers = new Map<object, z.ZodType>();

async function checkAnswer(name: string, { responses }: Operation, answer: Response): Promise<void> {
  const text = await answer.text();
  const told = `${name}: ${answer.status} ${text.slice(0, 500)}`;
  assert.ok(answer.status < 500, told);
  const documented = responses[answer.status] ?? responses.default;
  // A path of other segments, such as `..`, may be one of another route.
  if (answer.status === 404 || answer.status === 405) return;
  assert.ok(answer.status >= 400 || responses[answer.status], told);
  const type = answer.headers.get("content-type")?.replace(/;.*/, "") ?? "";
  const content = documented?.content[type];
  assert.ok(content, `${told}: type ${type}`);
  if (type !== "application/json") return;
  const checker = checkers.get(content.schema) ?? z.fromJSONSchema(content.schema as Parameters<typeof z.fromJSONSchema>[0]);
  checkers.set(content.schema, checker);
  const { error } = checker.safeParse(JSON.parse(text));
  assert.equal(error, undefined, told);
}
