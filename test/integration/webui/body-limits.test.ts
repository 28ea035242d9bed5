/** Bodies of requests: too long, too many values, too many problems; for every route, with and without a login. */
import assert from "node:assert/strict";
import { request as send } from "node:http";
import { before, test } from "node:test";
import { SCRIPT, TOKEN } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

/** An answer that repeats the request is no longer than this. */
const SHORT_ANSWER = 16_384;
const ROUTES = [
  { path: "/login", method: "POST", limitBytes: 4_096 },
  { path: "/logout", method: "POST", limitBytes: 4_096 },
  { path: "/logout-everywhere", method: "POST", limitBytes: 4_096 },
  { path: "/projects/books", method: "PUT", limitBytes: 2 * 2 ** 20 },
  { path: "/projects/books", method: "DELETE", limitBytes: 4_096 },
  { path: "/projects/books/debug", method: "POST", limitBytes: 2 * 2 ** 20 },
  { path: "/projects/books/failures/run", method: "POST", limitBytes: 4_096 },
  { path: "/projects/books/run", method: "POST", limitBytes: 4_096 },
  { path: "/projects/books/rerun-failed", method: "POST", limitBytes: 4_096 },
  { path: "/projects/books/rerun", method: "POST", limitBytes: 16 * 2 ** 10 },
  { path: "/projects/books/clear", method: "POST", limitBytes: 4_096 },
  { path: "/projects/books/messages", method: "POST", limitBytes: 512 * 2 ** 10 },
  { path: "/projects/books/tasks", method: "POST", limitBytes: 64 * 2 ** 10 },
  { path: "/tasks/books/none/run", method: "POST", limitBytes: 4_096 },
  { path: "/tasks/books/none/cancel", method: "POST", limitBytes: 4_096 },
  // Nothing is read where there is no route.
  { path: "/there/is/none", method: "POST", limitBytes: undefined },
];

const { webui } = await openWebuiOfFile();

before(async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
});

interface Answer {
  status: number;
  text: string;
}

/** @param isStreamed without a Content-Length. */
function post(route: { path: string; method: string }, body: string, isStreamed = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = isStreamed ? { "transfer-encoding": "chunked" } : { "content-length": Buffer.byteLength(body) };
    const headers = { "content-type": "application/json", authorization: `Bearer ${TOKEN}`, ...length };
    const sent = send(`${webui.url}/api/v1${route.path}`, { method: route.method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    // The server may close before all was sent.
    sent.on("error", (error: NodeJS.ErrnoException) => (error.code === "EPIPE" || error.code === "ECONNRESET" ? undefined : reject(error)));
    sent.end(body);
  });
}

const many = (count: number, item: (n: number) => string) => Array.from({ length: count }, (_, n) => item(n)).join();
const MEGABYTES = 1_600_000;

for (const route of ROUTES) {
  const name = `${route.method} ${route.path}`;

  const { limitBytes } = route;
  for (const isStreamed of limitBytes === undefined ? [] : [false, true]) {
    test(`${name} refuses a body above its limit${isStreamed ? " that is streamed" : ""}`, async () => {
      const { status, text } = await post(route, JSON.stringify("x".repeat(limitBytes ?? 0)), isStreamed);

      assert.equal(status, 413, text.slice(0, 300));
      assert.match(text, new RegExp(`E_BODY_TOO_LARGE.* ${limitBytes} bytes`));
    });
  }

  test(`${name} gives a short answer to a long body of any shape`, async () => {
    const bodies = [
      `{${many(MEGABYTES / 16, (n) => `"name${n}":1`)}}`,
      `{"${"x".repeat(MEGABYTES)}":1}`,
      `{"script":"${"x".repeat(MEGABYTES)}"}`,
      `[${many(MEGABYTES / 3, () => "{}")}]`,
      "[".repeat(MEGABYTES),
      `{"message":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    ];

    for (const body of bodies) {
      const { status, text } = await post(route, body);

      assert.ok(status >= 400 && status < 500, `${status} to ${body.slice(0, 40)}`);
      assert.ok(text.length < SHORT_ANSWER, `${text.length} bytes to ${body.slice(0, 40)}`);
    }
  });
}

test("this file tests every route that changes data", async () => {
  const { paths } = (await webui.request("GET", "/openapi.json")).json as { paths: Record<string, Record<string, object>> };
  const changing = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).flatMap((method) => (method === "get" ? [] : [{ method: method.toUpperCase(), path }])),
  );

  const untried = changing.filter(({ method, path }) => {
    const pattern = new RegExp(`^${path.replace("/api/v1", "").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
    return !ROUTES.some((route) => route.method === method && pattern.test(route.path));
  });

  assert.ok(changing.length > 5);
  assert.deepEqual(untried, []);
});

test("300 unknown fields are answered with 20 problems and a count", async () => {
  const { status, text } = await post({ method: "POST", path: "/login" }, `{${many(300, (n) => `"n${n}":1`)}}`);

  const { error } = JSON.parse(text);
  assert.deepEqual([status, error.problems.length, error.moreProblems], [400, 20, 281]);
  assert.match(error.message, /: 301 problems\n/);
  assert.match(error.message, /\n {2}and 281 more$/);
});

test("hundreds of problems in a script are answered with 20 and a count", async () => {
  const script = `${SCRIPT}\n${many(300, (n) => `\nimport "package${n}";`).replaceAll(",", "")}`;

  const { status, text } = await post({ method: "PUT", path: "/projects/books" }, JSON.stringify({ script, rate: -1 }));

  const { error } = JSON.parse(text);
  assert.deepEqual([status, error.problems.length, error.moreProblems], [400, 20, 281]);
});

test("a body with too many values is refused before it is parsed", async () => {
  const { status, text } = await post({ method: "PUT", path: "/projects/books" }, `{"comments":[${many(100_000, () => "{}")}]}`);

  assert.equal(status, 400);
  assert.match(text, /more than 10,100 values/);
});

test("the longest script and the longest message are accepted", async () => {
  const script = `${SCRIPT}//${"x".repeat(999_000 - SCRIPT.length)}`;

  const saved = await post({ method: "PUT", path: "/projects/books" }, JSON.stringify({ script }));
  const sent = await post({ method: "POST", path: "/projects/books/messages" }, `{"message":"${"\\u00e9".repeat(65_000)}"}`);

  assert.deepEqual([saved.status, sent.status], [200, 202]);
});
