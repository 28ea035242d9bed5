import assert from "node:assert/strict";
import { test } from "node:test";
import { readAnswer } from "../../../../services/script/sandbox/answer.ts";

const good = { ok: true, logs: "", follows: [], messages: [] };
const info = { fetchDefaults: {}, every: [], hasOnFinished: false };
const follow = { taskid: "t", url: "http://a.test/", process: { callback: "page" } };
const text = (changes: object, ...rows: string[]) => [JSON.stringify({ ...good, ...changes }), ...rows].join("\n");

test("rows stay the text that they were written as", () => {
  const answer = readAnswer(text({ stored: { a: 1 } }, '{"a": 1}', "[2]"));

  assert.deepEqual(answer, { ...good, results: ['{"a": 1}', "[2]"], stored: { a: 1 } });
});

test("no rows and no this.save are told apart from empty ones", () => {
  const answer = readAnswer(text({}));

  assert.deepEqual(answer, { ...good, results: null });
  assert.equal("stored" in answer, false);
});

test("all that a follow may have passes", () => {
  const full = {
    ...follow,
    schedule: { priority: 1, retries: 2, exetime: 3.5, age: -1, itag: "x", forceUpdate: true, autoRecrawl: false, cancel: false },
    fetch: { method: "GET", headers: { a: "b" }, timeout: 1.5, etag: "x", lastModified: false, fetchType: "js", maxBodyBytes: 1 },
    process: { callback: "page", processTimeLimit: 10 },
    save: { any: [null] },
  };

  const answer = readAnswer(text({ follows: [full] }));

  assert.deepEqual(answer.ok && answer.follows, [full]);
});

test("a task, a message, this.save and a crawlConfig that are too large to carry along are told from those that are not", () => {
  const [light, heavy] = ["x".repeat(60_000), "x".repeat(70_000)];
  const carrying = (value: string) => [
    { follows: [{ ...follow, save: value }] },
    { messages: [{ project: "other", url: "data:,", message: value }] },
    { stored: value },
    { info: { ...info, fetchDefaults: { jsScript: value } } },
  ];

  assert.deepEqual(
    carrying(light).map((changes) => readAnswer(text(changes)).ok),
    [true, true, true, true],
  );
  for (const changes of carrying(heavy)) assert.deepEqual(readAnswer(text(changes)), { ok: false, logs: "", failure: { kind: "heavy" } });
  assert.equal(readAnswer(text({}, JSON.stringify(heavy))).ok, true);
  assert.equal(readAnswer(text({ info: { ...info, fetchDefaults: { proxy: Array(1_000).fill(`http://${"x".repeat(90)}`) } } })).ok, true);
});

const bad: [title: string, answer: string][] = [
  ["no JSON", "x"],
  ["nothing", ""],
  ["a list", "[]"],
  ["null", "null"],
  ["no outcome", JSON.stringify({ logs: "" })],
  ["logs that are too long", text({ logs: "x".repeat(10_001) })],
  ["logs with NUL", text({ logs: "\0" })],
  ["follows that are none", text({ follows: 7 })],
  ["too many follows", text({ follows: Array(10_001).fill(follow) })],
  ["a follow without URL", text({ follows: [{ taskid: "t", process: follow.process }] })],
  ["a follow of another project", text({ follows: [{ ...follow, project: "other" }] })],
  ["a follow with a field of its own", text({ follows: [{ ...follow, more: 1 }] })],
  [
    "a follow with an inherited name",
    `{"ok":true,"logs":"","messages":[],"follows":[{"taskid":"t","url":"http://a.test/","process":{"callback":"page"},"__proto__":{}}]}`,
  ],
  ["an id of the platform's", text({ follows: [{ ...follow, taskid: "_on_get_info" }] })],
  ["an id with NUL", text({ follows: [{ ...follow, taskid: "a\0" }] })],
  ["an id that is not well-formed", text({ follows: [{ ...follow, taskid: "\ud800" }] })],
  ["an id that is too long", text({ follows: [{ ...follow, taskid: "x".repeat(256) }] })],
  ["a file URL", text({ follows: [{ ...follow, url: "file:///etc/passwd" }] })],
  ["a URL that is too long", text({ follows: [{ ...follow, url: `http://a.test/${"x".repeat(9_000)}` }] })],
  ["no callback", text({ follows: [{ ...follow, process: {} }] })],
  ["a priority of 33 bits", text({ follows: [{ ...follow, schedule: { priority: 2 ** 31 } }] })],
  ["an endless number", text({ follows: [follow] }).replace('"process"', '"schedule":{"exetime":1e999},"process"')],
  ["a schedule that is a list", text({ follows: [{ ...follow, schedule: [] }] })],
  ["headers that are no texts", text({ follows: [{ ...follow, fetch: { headers: { a: 1 } } }] })],
  ["an unknown way to fetch", text({ follows: [{ ...follow, fetch: { fetchType: "exec" } }] })],
  ["a message to nobody", text({ messages: [{ project: "no name", url: "data:,", message: 1 }] })],
  ["a message without content", text({ messages: [{ project: "p", url: "data:," }] })],
  [
    "times of day that are none",
    text({
      info: { fetchDefaults: {}, every: [], hasOnFinished: true, cron: [{ callback: "x", expression: "61 * * * *", timeZone: "UTC" }] },
    }),
  ],
  [
    "times of day without a zone",
    text({ info: { fetchDefaults: {}, every: [], hasOnFinished: true, cron: [{ callback: "x", expression: "1 * * * *" }] } }),
  ],
  ["info of another form", text({ info: { fetchDefaults: {}, every: [{ callback: "x", seconds: -1 }], hasOnFinished: true } })],
  ["half of an info", text({ info: { fetchDefaults: {} } })],
  ["a row that is no JSON", text({}, "{")],
  ["an empty row", text({}, "")],
  ["too many rows", text({}, ...Array(10_001).fill("1"))],
  ["a failure without message", JSON.stringify({ ok: false, logs: "" })],
];

for (const [title, answer] of bad) {
  test(`an answer with ${title} is refused`, () => {
    assert.throws(
      () => readAnswer(answer),
      (error) => error instanceof TypeError || error instanceof SyntaxError,
    );
  });
}

test("values nested deeper than 200 levels are told as such", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);

  assert.deepEqual(readAnswer(text({}, deep)), { ok: false, logs: "", failure: { kind: "deep" } });
  assert.deepEqual(readAnswer(`{"ok":true,"logs":"","follows":[],"messages":[],"stored":${deep}}`), {
    ok: false,
    logs: "",
    failure: { kind: "deep" },
  });
  assert.equal(readAnswer(text({}, "[".repeat(200) + "]".repeat(200))).ok, true);
});
