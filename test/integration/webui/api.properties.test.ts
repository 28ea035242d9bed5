/** Requests of any path, query, header and body: they are answered or refused, and nothing breaks. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import fc from "fast-check";
import { anyJson, anyText, recordOf, textOf } from "../../fixtures/arbitraries.ts";
import { openTestEmbedded } from "../../fixtures/database.ts";
import { addResults, addTask, SCRIPT, startTestWebui, TOKEN } from "../../fixtures/webui.ts";

interface Asked {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

/** One request as it is, whatever its path is. */
function ask(url: string, { method, path, headers, body }: Asked): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { ...headers, "content-length": String(body.length) } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const escaped = anyText(12).map((text) => encodeURIComponent(text.toWellFormed()));
const ROUTES = [
  ...[
    "projects",
    "projects/:name",
    "projects/:name/run",
    "projects/:name/rerun",
    "projects/:name/rerun-failed",
    "projects/:name/clear",
    "projects/:name/messages",
  ],
  ...[
    "projects/:name/tasks",
    "projects/:name/results",
    "tasks/:name/:taskid",
    "tasks/:name/:taskid/run",
    "tasks/:name/:taskid/results",
    "counters",
    "queues",
    "cluster",
  ],
  ...["login", "logout", "session", "openapi.json"],
];
const names = fc.oneof({ weight: 4, arbitrary: fc.constant("books") }, { weight: 1, arbitrary: escaped });
const taskids = fc.oneof(
  { weight: 2, arbitrary: fc.constant("task1") },
  { weight: 1, arbitrary: fc.constantFrom("%00", "%ff", "..", "%2e%2e", "%") },
  { weight: 2, arbitrary: escaped },
);
const known = fc
  .tuple(fc.constantFrom(...ROUTES), names, taskids)
  .map(([route, name, taskid]) => `/api/v1/${route.replace(":name", name).replace(":taskid", taskid)}`);
const path = fc.oneof(
  { weight: 5, arbitrary: known },
  {
    weight: 1,
    arbitrary: textOf(["/", "api", "v1", "projects", "..", "%00", "%", "%2f", "?", "//", "\\", "index.html", "assets", ".js"]).map(
      (text) => `/${text.replace(/[^!-~]/g, "")}`,
    ),
  },
);
const pair = fc.oneof(
  fc.tuple(fc.constantFrom("limit", "before", "after", "format", "status", "x", "__proto__"), escaped),
  fc.constantFrom(
    ["limit", "1e3"],
    ["limit", "500"],
    ["before", "9007199254740991"],
    ["before", "1e300"],
    ["after", "1700000000.5:a%00b"],
    ["after", "1:x"],
    ["format", "csv"],
    ["format", "jsonl"],
    ["status", "FAILED"],
  ),
);
const query = fc.array(pair, { maxLength: 3 }).map((pairs) => (pairs.length > 0 ? `?${pairs.map((one) => one.join("=")).join("&")}` : ""));

const FIELDS = {
  script: fc.oneof(
    anyText(),
    fc.constant(SCRIPT),
    textOf(["import ", "export default class ", "A", " extends Crawler ", "{", "}", '"orbweaver"', "@", "()", ";", "\n"]),
  ),
  ...{
    status: fc.constantFrom("RUNNING", "STOP", "x"),
    rate: anyJson,
    burst: anyJson,
    group: anyText(),
    comments: anyText(),
    message: anyJson,
    url: anyText(),
    token: anyText(),
  },
};
const deep = fc
  .constantFrom("[", '{"message":', '{"a":')
  .chain((open) =>
    fc.constantFrom(300, 20_000, 100_000).map((levels) => `${open.repeat(levels)}1${(open === "[" ? "]" : "}").repeat(levels)}`),
  );
const json = fc.oneof(
  { weight: 3, arbitrary: fc.record(FIELDS, { requiredKeys: [] }).map((fields) => JSON.stringify(fields)) },
  { weight: 2, arbitrary: fc.oneof(anyJson, recordOf(anyJson)).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: deep },
  { weight: 1, arbitrary: anyText() },
);
const body = fc.oneof(
  json.map((text) => Buffer.from(text)),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.constant(Buffer.alloc(0)),
);
const header = textOf(["Bearer ", TOKEN, "orb_session=", "application/json", "=", ";", "gzip", "a.test", "1.2.3.4"], 3).map((text) =>
  text.replace(/[^\t -~]/g, ""),
);
const headers = fc
  .tuple(
    fc.boolean(),
    fc.dictionary(
      fc.constantFrom(
        "cookie",
        "origin",
        "referer",
        "content-type",
        "accept",
        "if-none-match",
        "range",
        "x-forwarded-for",
        "authorization",
      ),
      header,
      { maxKeys: 2 },
    ),
  )
  .map(([isPlain, others]) => ({ authorization: `Bearer ${TOKEN}`, "content-type": "application/json", ...(isPlain ? {} : others) }));
const asked: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH", "OPTIONS"),
  path: fc.tuple(path, query).map((parts) => parts.join("")),
  headers,
  body,
});

test("any request is answered or refused with a code, and so is the next one", async () => {
  await using store = await openTestEmbedded();
  await using webui = await startTestWebui(store.database);
  await addResults(store.database, "books", 3);
  for (const status of [1, 2, 3])
    await addTask(store.database, { project: "books", taskid: `task${status}`, status, updatetime: 1_700_000_000 });

  const restore = () => webui.request("PUT", "/projects/books", { script: SCRIPT, group: "", status: "RUNNING" });
  await restore();

  await fc.assert(
    fc.asyncProperty(asked, async (one) => {
      const { status, text } = await ask(webui.url, one);

      if (/^(?:PUT|DELETE)$/.test(one.method)) await restore();
      assert.ok((status >= 200 && status < 500) || /pages are not built/.test(text), `${status}: ${text}`);
      if (status >= 400 && one.method !== "HEAD" && one.path.startsWith("/api/")) assert.match(JSON.parse(text).error.code, /^E_/);
    }),
  );
});
