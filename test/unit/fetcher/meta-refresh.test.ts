import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRefresh, refreshTarget } from "../../../services/fetcher/meta-refresh.ts";

const SAID: [said: string, url: string | undefined][] = [
  ["0; url=/a", "/a"],
  ["0;URL='/a'", "/a"],
  ['5 , url = "/a" ; rest', "/a"],
  ["0; url='/a", "/a"],
  ["0.5;url=/a b", "/a b"],
  [".0;url=/a", "/a"],
  ["0 /a", "/a"],
  ["0;/a", "/a"],
  ["99;url=/a", "/a"],
  ["100;url=/a", undefined],
  ["5", undefined],
  ["5;", undefined],
  ["5; url=", undefined],
  ["url=/a", undefined],
  ["-1; url=/a", undefined],
  ["5x; url=/a", undefined],
  ["", undefined],
];

for (const [said, url] of SAID) {
  test(`a refresh of ${JSON.stringify(said)} leads to ${url ?? "no page"}`, () => {
    assert.equal(parseRefresh(said), url);
  });
}

test("a refresh of many spaces is read at once", () => {
  const began = performance.now();

  assert.equal(parseRefresh(`1${" ".repeat(100_000)}x`), "x");
  assert.equal(parseRefresh(`1;url${" ".repeat(100_000)}x`), `url${" ".repeat(100_000)}x`);

  assert.ok(performance.now() - began < 1_000);
});

const page = (text: string, headers: Record<string, string> = { "content-type": "text/html; charset=utf-8" }, statusCode = 200) =>
  refreshTarget({ statusCode, headers, content: Buffer.from(text) }, new URL("http://a.test/folder/page"))?.href;
const META = '<meta http-equiv="refresh" content="0; url=next">';

const PAGES: [name: string, target: string | undefined, url: string | undefined][] = [
  ["a page with a refresh", page(META), "http://a.test/folder/next"],
  ["a page without one", page("<meta http-equiv=content-language content=de>"), undefined],
  ["attributes in another order and case", page(`<META CONTENT='0;URL=/b' HTTP-EQUIV=Refresh >`), "http://a.test/b"],
  ["a page with a base", page(`<base href="/other/">${META}`), "http://a.test/other/next"],
  ["an entity", page('<meta http-equiv=refresh content="0;url=/?a=1&amp;b=2">'), "http://a.test/?a=1&b=2"],
  ["a target in UTF-8", page('<meta http-equiv=refresh content="0;url=/ä">'), "http://a.test/%C3%A4"],
  ["the first of two", page(`${META}<meta http-equiv=refresh content="0;url=/second">`), "http://a.test/folder/next"],
  ["a comment", page(`<!-- ${META} -->`), undefined],
  ["noscript", page(`<noscript>${META}</noscript>`), undefined],
  ["a script's text", page(`<script>x = '${META}'</script>`), undefined],
  ["a refresh after noscript", page(`<noscript><p>x</noscript>${META}`), "http://a.test/folder/next"],
  ["a refresh far down the page", page(`${" ".repeat(20_000)}${META}`), undefined],
  ["a script as target", page('<meta http-equiv=refresh content="0;url=javascript:alert(1)">'), undefined],
  ["an invalid target", page('<meta http-equiv=refresh content="0;url=http://">'), undefined],
  ["a text that is no HTML", page(META, { "content-type": "text/plain" }), undefined],
  ["a page without a type", page(META, {}), "http://a.test/folder/next"],
  ["an error page", page(META, undefined, 404), undefined],
  ["the header", page("x", { "content-type": "image/png", refresh: "0; url=/h" }), "http://a.test/h"],
];

for (const [name, target, url] of PAGES) {
  test(`${name} leads to ${url ?? "no other page"}`, () => {
    assert.equal(target, url);
  });
}
