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
