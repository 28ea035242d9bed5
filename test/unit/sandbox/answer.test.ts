import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { packFollows } from "../../../services/core/protocol/follow-list.ts";
import { taskidOfUrl } from "../../../services/core/protocol/taskid.ts";
import { readAnswer } from "../../../services/sandbox/answer.ts";
import { JSON_SHAPES } from "../../fixtures/json-shapes.ts";

const good = { ok: true, logs: "", follows: [], messages: [] };
const info = { fetchDefaults: {}, every: [], hasOnFinished: false };
const follow = { taskid: "t", url: "http://a.test/", process: { callback: "page" } };
const text = (changes: object, ...rows: string[]) => [JSON.stringify({ ...good, ...changes }), ...rows].join("\n");

test("rows keep their original text", () => {
  const answer = readAnswer(text({ stored: { a: 1 } }, '{"a": 1}', "[2]"));

  assert.deepEqual(answer, { ...good, results: ['{"a": 1}', "[2]"], stored: { a: 1 } });
});

test("missing rows and a missing this.save differ from empty ones", () => {
  const answer = readAnswer(text({}));

  assert.deepEqual(answer, { ...good, results: null });
  assert.equal("stored" in answer, false);
});

test("a follow with every option is accepted", () => {
  const full = {
    ...follow,
    schedule: {
      priority: 1,
      retries: 2,
      exetime: 3.5,
      age: -1,
      itag: "x",
      forceUpdate: true,
      autoRecrawl: false,
      cancel: false,
      byStatus: { "5xx": { retries: 1, delays: [1] } },
    },
    fetch: {
      method: "GET",
      headers: { a: "b", "x-!#$%&'*+.^_`|~1": "\tä é" },
      cookies: { "a[b]": "c=d" },
      proxy: ["socks5://u:p@h:1", "http://[::1]/"],
      timeout: 1.5,
      etag: "x",
      lastModified: false,
      fetchType: "js",
      maxBodyBytes: 1,
    },
    process: { callback: "page", processTimeLimit: 10 },
    save: { any: [null] },
  };

  const answer = readAnswer(text({ follows: [full] }));

  assert.deepEqual(answer.ok && answer.follows, [full]);
});

test("a task, message, this.save or crawlConfig above the size limit is refused as heavy, and smaller ones are accepted", () => {
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

test("follows in the short form are read as written out ones", () => {
  const follows = Array.from({ length: 20_000 }, (_, n) => ({ ...follow, taskid: `t${n}`, url: `http://a.test/${n}` }));

  const answer = readAnswer(text({ follows: packFollows(follows, { identify: taskidOfUrl }), skipped: { limit: 3 } }));

  assert.deepEqual(answer, { ...good, follows, results: null, skipped: { limit: 3 } });
});

test("a heavy task is refused in the short form, too", () => {
  const heavy = "x".repeat(70_000);
  const kinds = [{ process: follow.process }];

  for (const follows of [
    { kinds: [{ ...kinds[0], fetch: { data: heavy } }], items: [[0, "http://a.test/", 0]] },
    { kinds, items: [[0, "http://a.test/", 0, null, null, heavy]] },
  ])
    assert.deepEqual(readAnswer(text({ follows })), { ok: false, logs: "", failure: { kind: "heavy" } });
});

const bad: [title: string, answer: string][] = [
  ["no JSON", "x"],
  ["nothing", ""],
  ["a list", "[]"],
  ["null", "null"],
  ["no outcome", JSON.stringify({ logs: "" })],
  ["logs that are too long", text({ logs: "x".repeat(10_001) })],
  ["logs with NUL", text({ logs: "\0" })],
  ["invalid follows", text({ follows: 7 })],
  ["too many follows", text({ follows: Array(10_001).fill(follow) })],
  ["a file URL in the short form", text({ follows: { kinds: [{ process: follow.process }], items: [[0, "file:///etc/passwd", 0]] } })],
  ["no callback in the short form", text({ follows: { kinds: [{}], items: [[0, "http://a.test/", 0]] } })],
  ["an unknown reason of skipped links", text({ skipped: { toString: 1 } })],
  ["a negative number of skipped links", text({ skipped: { limit: -1 } })],
  ["a follow without URL", text({ follows: [{ taskid: "t", process: follow.process }] })],
  ["a follow of another project", text({ follows: [{ ...follow, project: "other" }] })],
  ["a follow with a field of its own", text({ follows: [{ ...follow, more: 1 }] })],
  [
    "a follow with an inherited name",
    `{"ok":true,"logs":"","messages":[],"follows":[{"taskid":"t","url":"http://a.test/","process":{"callback":"page"},"__proto__":{}}]}`,
  ],
  ["a reserved id", text({ follows: [{ ...follow, taskid: "_on_get_info" }] })],
  ["an id with NUL", text({ follows: [{ ...follow, taskid: "a\0" }] })],
  ["an id that is not well-formed", text({ follows: [{ ...follow, taskid: "\ud800" }] })],
  ["an id that is too long", text({ follows: [{ ...follow, taskid: "x".repeat(256) }] })],
  ["a file URL", text({ follows: [{ ...follow, url: "file:///etc/passwd" }] })],
  ["a URL that is too long", text({ follows: [{ ...follow, url: `http://a.test/${"x".repeat(9_000)}` }] })],
  ["no callback", text({ follows: [{ ...follow, process: {} }] })],
  ["a priority of 33 bits", text({ follows: [{ ...follow, schedule: { priority: 2 ** 31 } }] })],
  ["an infinite number", text({ follows: [follow] }).replace('"process"', '"schedule":{"exetime":1e999},"process"')],
  ["a schedule that is a list", text({ follows: [{ ...follow, schedule: [] }] })],
  ["headers that are not texts", text({ follows: [{ ...follow, fetch: { headers: { a: 1 } } }] })],
  ["an unknown fetch type", text({ follows: [{ ...follow, fetch: { fetchType: "exec" } }] })],
  ["a message to an invalid project", text({ messages: [{ project: "no name", url: "data:,", message: 1 }] })],
  ["a message without content", text({ messages: [{ project: "p", url: "data:," }] })],
  [
    "invalid times of day",
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
  ["a row that is not JSON", text({}, "{")],
  ["an empty row", text({}, "")],
  ["too many rows", text({}, ...Array(10_001).fill("1"))],
  ["a failure without message", JSON.stringify({ ok: false, logs: "" })],
];

const followWith = (fetch: object) => text({ follows: [{ ...follow, fetch }] });
/** Of control characters: those that end a line of a request, and some that others take for one. */
for (const [name, control] of Object.entries({ CR: "\r", LF: "\n", "CR LF": "\r\n", tab: "\t", DEL: "\u007f", "vertical tab": "\v" })) {
  bad.push(
    [`${name} in a URL`, text({ follows: [{ ...follow, url: `http://a.test/${control}x` }] })],
    [`${name} at the end of a URL`, text({ follows: [{ ...follow, url: `http://a.test/${control}` }] })],
    [`${name} in a data URL`, text({ follows: [{ ...follow, url: `data:,a${control}b` }] })],
    [`${name} in a message's URL`, text({ messages: [{ project: "p", url: `a${control}b`, message: 1 }] })],
    [`${name} in a header's name`, followWith({ headers: { [`a${control}`]: "b" } })],
    [`${name} in a proxy`, followWith({ proxy: `http://proxy.test${control}/` })],
  );
}
for (const [name, control] of Object.entries({ CR: "\r", LF: "\n", "CR LF": "\r\nx: y" })) {
  bad.push(
    [`${name} in a header's value`, followWith({ headers: { a: `b${control}` } })],
    [`${name} in a cookie's name`, followWith({ cookies: { [`a${control}`]: "b" } })],
    [`${name} in a cookie's value`, followWith({ cookies: { a: `b${control}` } })],
    [`${name} in an etag`, followWith({ etag: `"a"${control}` })],
    [`${name} in lastModified`, followWith({ lastModified: `a${control}` })],
  );
}
for (const name of ["", "a b", "a:", "a(", "ä", "a\0", "[x]"])
  bad.push([`a header called ${JSON.stringify(name)}`, followWith({ headers: { [name]: "b" } })]);
for (const proxy of [
  ...["file:///etc/passwd", "ftp://proxy.test", "socks4://proxy.test", "javascript:1", "proxy.test:8080", "//proxy.test", ""],
  ...["http://", "http://proxy.test/path", "http://proxy.test?x", "http://proxy.test#x", "HTTP://proxy.test ", "http:proxy.test"],
]) {
  bad.push(
    [`the proxy ${JSON.stringify(proxy)}`, followWith({ proxy })],
    [`the proxy ${JSON.stringify(proxy)} in a list`, followWith({ proxy: [proxy] })],
  );
}
bad.push(
  ["a proxy in the defaults that is a file", text({ info: { ...info, fetchDefaults: { proxy: "file:///etc/passwd" } } })],
  ["a header in the defaults with CR LF", text({ info: { ...info, fetchDefaults: { headers: { a: "b\r\nc: d" } } } })],
);

for (const [title, answer] of bad) {
  test(`an answer with ${title} is refused`, () => {
    assert.throws(
      () => readAnswer(answer),
      (error) => error instanceof TypeError || error instanceof SyntaxError,
    );
  });
}

test("values nested deeper than 200 levels are reported as such", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);

  assert.deepEqual(readAnswer(text({}, deep)), { ok: false, logs: "", failure: { kind: "deep" } });
  assert.deepEqual(readAnswer(`{"ok":true,"logs":"","follows":[],"messages":[],"stored":${deep}}`), {
    ok: false,
    logs: "",
    failure: { kind: "deep" },
  });
  assert.equal(readAnswer(text({}, "[".repeat(200) + "]".repeat(200))).ok, true);
});

const EIGHT_MIB = 8 * 2 ** 20;
const tooMany = { ok: false, logs: "", failure: { kind: "many" } };
/** A name that is there twice counts with its last value. */
const answerWith = (part: string, json: string) => `{"ok":true,"logs":"","follows":[],"messages":[],${part}:${json}}`;

for (const part of ['"follows"', '"messages"', '"stored"', '"info"', '"logs"', '"more"']) {
  test(`8 MiB of empty objects in ${part} are refused before they are parsed`, () => {
    const answer = answerWith(part, JSON_SHAPES["empty objects"](EIGHT_MIB));
    const parse = mock.method(JSON, "parse");

    assert.deepEqual(readAnswer(answer), tooMany);
    assert.equal(parse.mock.callCount(), 0);
    parse.mock.restore();
  });
}

test("rows are counted together, and never parsed", () => {
  const half = `[${"{},".repeat(450_000)}{}]`;
  const parse = mock.method(JSON, "parse");

  assert.deepEqual(readAnswer(text({}, half, half)), { ok: false, logs: "", failure: { kind: "many" } });
  assert.deepEqual(readAnswer(text({}, half)), { ...good, results: [half] });
  assert.ok(parse.mock.calls.every(({ arguments: [json] }) => String(json).length < 1_000));
  parse.mock.restore();
});

test("8 MiB of line breaks are refused before they become millions of rows", () => {
  const split = mock.method(String.prototype, "split");

  assert.throws(() => readAnswer(text({}, "\n".repeat(EIGHT_MIB))), /bad row/);
  assert.equal(split.mock.callCount(), 0);
  split.mock.restore();
});

test("a short task, message or this.save with too many values is refused as heavy", () => {
  const values = Array(3_000).fill({});

  for (const changes of [
    { follows: [{ ...follow, save: values }] },
    { messages: [{ project: "other", url: "data:,", message: values }] },
    { stored: values },
  ])
    assert.deepEqual(readAnswer(text(changes)), { ok: false, logs: "", failure: { kind: "heavy" } });
  assert.equal(readAnswer(text({ stored: Array(1_500).fill({}) })).ok, true);
});

test("each excess in a page's JSON is reported by kind", () => {
  const answer = JSON.stringify({ ok: false, logs: "x", pageJson: "many" });

  assert.deepEqual(readAnswer(answer), { ok: false, logs: "x", failure: { kind: "pageJson", verdict: "many" } });
});
