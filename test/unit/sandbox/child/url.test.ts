import assert from "node:assert/strict";
import { test } from "node:test";
import { atob as decode, btoa as encode } from "../../../../services/sandbox/child/base64.ts";
import { ScriptUrl, ScriptUrlSearchParams } from "../../../../services/sandbox/child/url.ts";
import { URL_PARTS } from "../../../../services/sandbox/child/url-parts.ts";
import { connectTestHost } from "../../../fixtures/script-host.ts";

// Before the globals were replaced by those under test.
const { URL: NodeUrl, URLSearchParams: NodeSearchParams } = globalThis;
connectTestHost();

for (const [url, base] of [
  ["http://user:pass@Bücher.test:8080/a/../b?x=1&y=ä#part", ""],
  ["../c?q", "http://a.test/x/y"],
  ["data:text/plain,x", ""],
] as const) {
  test(`${url} has the same parts as in Node`, () => {
    const ours = new ScriptUrl(url, base);
    const theirs = base ? new NodeUrl(url, base) : new NodeUrl(url);

    assert.deepEqual(
      URL_PARTS.map((part) => Reflect.get(ours, part)),
      URL_PARTS.map((part) => theirs[part]),
    );
    assert.equal(JSON.stringify(ours), JSON.stringify(theirs));
  });
}

test("setting a part changes the URL, and an invalid part changes nothing", () => {
  const url = new ScriptUrl("http://a.test/x?y=1");

  Reflect.set(url, "port", "81");
  Reflect.set(url, "protocol", "no scheme");
  Reflect.set(url, "search", "?z=2");

  assert.equal(String(url), "http://a.test:81/x?z=2");
  assert.equal(url.searchParams.get("z"), "2");
});

test("the search parameters of a URL cannot be replaced", () => {
  const url = new ScriptUrl("http://a.test/?a=1");

  assert.throws(() => Object.assign(url, { searchParams: new ScriptUrlSearchParams("b=2") }), TypeError);
  assert.equal(url.searchParams, url.searchParams);
});

test("search parameters and their URL change together", () => {
  const url = new ScriptUrl("http://a.test/?a=1&b=2&a=3");

  url.searchParams.set("a", "x y");
  url.searchParams.append("c", "ä&=");
  url.searchParams.delete("b");

  assert.equal(String(url), "http://a.test/?a=x+y&c=%C3%A4%26%3D");
});

for (const query of ["a=1&b=2&a=3", "?a=%20+%C3%A4&b", "a=b=c&&d", "x=!'()~*-._", "%=%zz"]) {
  test(`the query ${query} is parsed and written as in Node`, () => {
    assert.deepEqual([...new ScriptUrlSearchParams(query)], [...new NodeSearchParams(query)]);
    assert.equal(String(new ScriptUrlSearchParams(query)), String(new NodeSearchParams(query)));
  });
}

for (const [title, use] of Object.entries({
  "no argument": (Params) => new Params(),
  null: (Params) => new Params(null as never),
  "an object": (Params) => new Params({ a: 1, b: null, c: undefined } as never),
  "an object with halves of surrogate pairs": (Params) => new Params({ "\ud835x": "1", xx: "2", "\ud83dx": "3" }),
  "pairs that are no arrays": (Params) => new Params([new Set(["a", "b"]), new Map([["c", 1]]).entries().next().value] as never),
  "parameters of the same kind": (Params) => new Params(new Params("a=1&a=2")),
  "the last of two values": (Params) => {
    const params = new Params("a=1&a=2&b=2");
    params.delete("a", "2");
    return [params.has("a", "1"), params.has("a", "2"), params.has("b", undefined), params.has("a", 1 as never), String(params)];
  },
  "changes during an iteration": (Params) => {
    const params = new Params("a=1&b=2&c=3");
    const seen: string[] = [];
    for (const [name] of params) {
      params.delete("b");
      seen.push(name);
    }
    return seen;
  },
  "what forEach calls": (Params) => {
    const seen: unknown[] = [];
    const params = new Params("a=1");
    params.forEach(function (this: unknown, value, name, all) {
      seen.push(this, value, name, all === (params as unknown));
    }, "context");
    return seen.map(String);
  },
  "its own kind of text": (Params) => Object.prototype.toString.call(new Params()),
} satisfies Record<string, (Params: typeof NodeSearchParams) => unknown>)) {
  test(`URLSearchParams of scripts and of Node agree about ${title}`, () => {
    const [ours, theirs] = [ScriptUrlSearchParams as unknown as typeof NodeSearchParams, NodeSearchParams].map((Params) => use(Params));

    assert.deepEqual(
      typeof ours === "object" && !Array.isArray(ours) ? [...(ours as URLSearchParams)] : ours,
      typeof theirs === "object" && !Array.isArray(theirs) ? [...(theirs as URLSearchParams)] : theirs,
    );
  });
}

for (const [title, use] of Object.entries({
  "a pair with one part": (Params) => new Params([["a"]] as never),
  "a pair with three parts": (Params) => new Params([["a", "b", "c"]] as never),
  "a list of numbers": (Params) => new Params([1] as never),
  "a symbol": (Params) => new Params({ a: Symbol("s") } as never),
  "a missing value": (Params) => (new Params() as unknown as { set(name: string): void }).set("a"),
  "a missing name": (Params) => (new Params() as unknown as { get(): void }).get(),
  "a visitor that is no function": (Params) => new Params().forEach(1 as never),
} satisfies Record<string, (Params: typeof NodeSearchParams) => unknown>)) {
  test(`URLSearchParams of scripts and of Node refuse ${title}`, () => {
    for (const Params of [ScriptUrlSearchParams as unknown as typeof NodeSearchParams, NodeSearchParams])
      assert.throws(() => use(Params), TypeError);
  });
}

test("an invalid URL is refused or reported", () => {
  assert.throws(() => new ScriptUrl("nonsense"), /Invalid URL: nonsense/);
  assert.equal(ScriptUrl.canParse("nonsense"), false);
  assert.equal(ScriptUrl.parse("/x", "http://a.test")?.part("href"), "http://a.test/x");
});

for (const bytes of ["", "a", "ab", "abc", "\x00\xff\x80~"]) {
  test(`base64 of ${JSON.stringify(bytes)} is encoded and decoded as in Node`, () => {
    const text = Buffer.from(bytes, "latin1").toString("base64");

    assert.equal(encode(bytes), text);
    assert.equal(decode(text), bytes);
  });
}
