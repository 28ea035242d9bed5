import assert from "node:assert/strict";
import { test } from "node:test";
import { readSession, SESSION_SECONDS, sessionCookie, signSession } from "../../../services/webui/session.ts";

const TOKEN = "token-for-tests-0123456789abcdef";
const NOW = 1_700_000_000_000;

test("a session is accepted with the token that signed it, until it expires", () => {
  const cookie = signSession(TOKEN, NOW);
  const end = NOW + SESSION_SECONDS * 1_000;

  const read = [readSession(TOKEN, cookie, NOW), readSession(TOKEN, cookie, end - 1), readSession(TOKEN, cookie, end)];

  assert.deepEqual(read[0], { id: cookie.split(".")[0], began: NOW });
  assert.deepEqual(read.slice(1), [read[0], undefined]);
  assert.equal(readSession(`${TOKEN}x`, cookie, NOW), undefined);
});

test("two sessions of the same time have different ids", () => {
  assert.notEqual(signSession(TOKEN, NOW), signSession(TOKEN, NOW));
});

test("a session with a changed id, time or form is refused", () => {
  const [id = "", began = "", signed = ""] = signSession(TOKEN, NOW).split(".");
  const other = signSession(TOKEN, NOW).split(".")[0];

  for (const cookie of [
    ...[`${other}.${began}.${signed}`, `${id}.${Number(began) + 1}.${signed}`, `${id}.0${began}.${signed}x`, `*.${began}.${signed}`],
    ...["", ".", "..", `${id}.${began}`, `${id}.${began}.`, `${id}.1e99.${signed}`, `${id}.${began}.${signed}.x`, `${began}.${signed}`],
  ])
    assert.equal(readSession(TOKEN, cookie, NOW), undefined, cookie);
});

test("the cookie has the prefix __Host- only over HTTPS", () => {
  assert.deepEqual(["https", "http"].map(sessionCookie), ["__Host-orb_session", "orb_session"]);
});
