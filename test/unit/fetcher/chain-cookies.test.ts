import assert from "node:assert/strict";
import { test } from "node:test";
import { ChainCookies } from "../../../services/fetcher/chain-cookies.ts";

const url = (text: string) => new URL(text);

test("header and cookies of the task are sent together, to the URL's host only", () => {
  const cookies = new ChainCookies(url("http://site.test/a/b"), "a=1; b=x=y", { c: "3" });

  assert.equal(cookies.headerFor(url("http://site.test/")), "a=1; b=x=y; c=3");
  assert.equal(cookies.headerFor(url("http://sub.site.test/")), undefined);
  assert.equal(cookies.headerFor(url("http://other.test/")), undefined);
});

test("the cookies of a TLS page never leave over plain HTTP", () => {
  const cookies = new ChainCookies(url("https://site.test/"), undefined, { session: "1" });

  assert.equal(cookies.headerFor(url("http://site.test/")), undefined);
  assert.equal(cookies.headerFor(url("https://site.test/x")), "session=1");
});

test("what servers set is kept along the chain by their rules", () => {
  const cookies = new ChainCookies(url("http://site.test/a"), undefined, undefined);

  cookies.store(["x=1; Path=/a", "y=2", "z=3; Domain=other.test"], url("http://site.test/a"));

  assert.equal(cookies.headerFor(url("http://site.test/a/b")), "x=1; y=2");
  assert.deepEqual(cookies.values, { x: "1", y: "2" });
});

test("a cookie that is deleted is gone", () => {
  const cookies = new ChainCookies(url("http://site.test/"), "x=1", undefined);

  cookies.store("x=; Max-Age=0; Path=/", url("http://site.test/"));

  assert.deepEqual(cookies.values, {});
  assert.equal(cookies.headerFor(url("http://site.test/")), undefined);
});

test("of thousands of cookies a chain keeps no more than a site has use for", () => {
  const cookies = new ChainCookies(url("http://site.test/"), undefined, undefined);

  for (let answer = 0; answer < 3; answer++) {
    cookies.store(
      Array.from({ length: 4_000 }, (_, n) => `c${answer}_${n}=1`),
      url("http://site.test/"),
    );
  }

  assert.equal(Object.keys(cookies.values).length, 200);
});
