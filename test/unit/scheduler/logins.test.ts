import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoginTask, isSession, loginStepId, sessionCookies } from "../../../services/core/protocol/session.ts";
import { decideLogin, LOGIN_AGAIN_SECONDS, MAX_FRUITLESS_LOGINS, NO_LOGINS, sessionNews } from "../../../services/scheduler/logins.ts";

const NOW = 1_000_000;
const session = { cookies: { sid: "1" }, host: "a.test", isSecure: true };

for (const [url, isGiven] of [
  ["https://a.test/x", true],
  ["https://a.test:8443/x", true],
  ["http://a.test/x", false],
  ["https://sub.a.test/x", false],
  ["https://b.test/a.test", false],
  ["data:,on_start", false],
] as const) {
  test(`the session of https://a.test ${isGiven ? "is" : "is not"} sent to ${url}`, () => {
    assert.deepEqual(sessionCookies(session, url), isGiven ? session.cookies : undefined);
  });
}

test("only a session with a host and cookies that can be sent is valid", () => {
  assert.equal(isSession(session), true);
  for (const bad of [{ ...session, host: "" }, { ...session, cookies: { a: "1\r\n" } }, { ...session, more: 1 }, { problem: "x" }, null])
    assert.equal(isSession(bad), false, JSON.stringify(bad));
});

test("the ids of a login's steps are those of the platform", () => {
  assert.deepEqual(["_on_login", loginStepId("abc"), "abc", "_on_message_1", "_on_logins"].map(isLoginTask), [
    true,
    true,
    false,
    false,
    false,
  ]);
});

const page = { taskid: "a", url: "http://a.test/", isBegun: false, isCurrent: true, ok: true, code: undefined };
for (const [title, given, news] of [
  ["a page read in the session", {}, "read"],
  ["a page that says that the session has ended", { ok: false, code: "E_SESSION_ENDED" }, "ended"],
  ["the same of an earlier session", { ok: false, code: "E_SESSION_ENDED", isCurrent: false }, "nothing"],
  ["another failure", { ok: false, code: "E_PAGE_STATUS" }, "nothing"],
  ["a step of a login", { taskid: "_on_login_x" }, "nothing"],
  ["a step that begins the session", { taskid: "_on_login_x", isBegun: true, isCurrent: false }, "begun"],
  ["a step that fails after it began one", { taskid: "_on_login_x", isBegun: true, ok: false, code: "E_SCRIPT" }, "nothing"],
  ["a task that fetches nothing", { url: "data:,on_start" }, "nothing"],
] as const) {
  test(`${title}: ${news}`, () => {
    assert.equal(sessionNews({ ...page, ...given }), news);
  });
}

test("three logins in a row without a page are given up, and tried again ten minutes later", () => {
  const fruitless = { ...NO_LOGINS, askedAt: NOW, fruitless: MAX_FRUITLESS_LOGINS };

  assert.equal(decideLogin(null, NO_LOGINS, NOW), "login");
  assert.equal(decideLogin(null, fruitless, NOW), "giveUp");
  assert.equal(decideLogin({ problem: "x" }, fruitless, NOW + LOGIN_AGAIN_SECONDS - 1), "wait");
  assert.equal(decideLogin({ problem: "x" }, fruitless, NOW + LOGIN_AGAIN_SECONDS), "tryAgain");
});
