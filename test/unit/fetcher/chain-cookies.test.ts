import assert from "node:assert/strict";
import { test } from "node:test";
import { ChainCookies } from "../../../services/fetcher/chain-cookies.ts";

const url = (text: string) => new URL(text);

test("the task's header and cookies are sent together, only to the URL's host", () => {
  const cookies = new ChainCookies(url("http://site.test/a/b"), "a=1; b=x=y", { c: "3" });

  assert.equal(cookies.headerFor(url("http://site.test/")), "a=1; b=x=y; c=3");
  assert.equal(cookies.headerFor(url("http://sub.site.test/")), undefined);
  assert.equal(cookies.headerFor(url("http://other.test/")), undefined);
});

test("cookies of a TLS page are never sent over plain HTTP", () => {
  const cookies = new ChainCookies(url("https://site.test/"), undefined, { session: "1" });

  assert.equal(cookies.headerFor(url("http://site.test/")), undefined);
  assert.equal(cookies.headerFor(url("https://site.test/x")), "session=1");
});

test("cookies that servers set apply to later requests by their rules", () => {
  const cookies = new ChainCookies(url("http://site.test/a"), undefined, undefined);

  cookies.store(["x=1; Path=/a", "y=2", "z=3; Domain=other.test"], url("http://site.test/a"));

  assert.equal(cookies.headerFor(url("http://site.test/a/b")), "x=1; y=2");
  assert.deepEqual(cookies.valuesFor(url("http://site.test/a/b")), { x: "1", y: "2" });
  assert.deepEqual(cookies.valuesFor(url("http://site.test/b")), { y: "2" });
});

test("two hosts that set a cookie with one name each get their own", () => {
  const cookies = new ChainCookies(url("http://site.test/"), undefined, undefined);

  cookies.store("sid=site; Path=/", url("http://site.test/"));
  cookies.store("sid=login; Path=/", url("http://login.test/"));

  assert.deepEqual(cookies.valuesFor(url("http://site.test/home")), { sid: "site" });
  assert.equal(cookies.headerFor(url("http://site.test/home")), "sid=site");
});

test("if two paths set a cookie with one name, the longer path wins", () => {
  const cookies = new ChainCookies(url("http://site.test/"), undefined, undefined);

  cookies.store(["a=long; Path=/x", "a=short; Path=/"], url("http://site.test/x"));

  assert.deepEqual(cookies.valuesFor(url("http://site.test/x/y")), { a: "long" });
});

test("a cookie without name is kept, and one without name and value is not set", () => {
  const cookies = new ChainCookies(url("http://site.test/"), undefined, undefined);

  cookies.store(["a=1", "plain", "=; path=/other", "=", "b=2"], url("http://site.test/"));

  assert.equal(cookies.headerFor(url("http://site.test/")), "a=1; plain; b=2");
});

test("a deleted cookie is removed", () => {
  const cookies = new ChainCookies(url("http://site.test/"), "x=1", undefined);

  cookies.store("x=; Max-Age=0; Path=/", url("http://site.test/"));

  assert.deepEqual(cookies.valuesFor(url("http://site.test/")), {});
  assert.equal(cookies.headerFor(url("http://site.test/")), undefined);
});

test("a chain keeps at most 200 of thousands of cookies", () => {
  const cookies = new ChainCookies(url("http://site.test/"), undefined, undefined);

  for (let answer = 0; answer < 3; answer++) {
    cookies.store(
      Array.from({ length: 4_000 }, (_, n) => `c${answer}_${n}=1`),
      url("http://site.test/"),
    );
  }

  assert.equal(Object.keys(cookies.valuesFor(url("http://site.test/"))).length, 200);
});
