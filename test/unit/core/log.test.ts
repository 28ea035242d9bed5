import assert from "node:assert/strict";
import { test } from "node:test";
import { shortLine, withoutPasswords } from "../../../services/core/log.ts";

test("passwords within URLs never show, wherever they stand", () => {
  const text = withoutPasswords('{"a":"redis://default:s3cr%40t@h:1/0","b":"postgres://u:p@h/db and http://x:y@z"}');

  assert.equal(text, '{"a":"redis://default:[redacted]@h:1/0","b":"postgres://u:[redacted]@h/db and http://x:[redacted]@z"}');
});

test("text without a password stays as it is", () => {
  const text = "http://127.0.0.1:5000/a@b and redis://h:1";

  assert.equal(withoutPasswords(text), text);
});

test("a line for people shows time, role, message and fields", () => {
  const line = shortLine('{"level":"info","time":"2026-01-02T03:04:05.678Z","role":"fetcher","msg":"started","port":24444}\n', false);

  assert.equal(line, "03:04:05 fetcher: started port=24444\n");
});

test("a bug shows its stack, an error with a code only its sentence", () => {
  const bug = shortLine(
    '{"level":"error","time":"2026-01-02T03:04:05.678Z","role":"r","msg":"m","err":{"message":"x","stack":"Error: x\\n at y"}}',
    false,
  );
  const known = shortLine(
    '{"level":"error","time":"2026-01-02T03:04:05.678Z","role":"r","msg":"m","err":{"code":"E_X","message":"x","stack":"s"}}',
    false,
  );

  assert.equal(bug, "03:04:05 r error: m\nError: x\n at y\n");
  assert.equal(known, "03:04:05 r error: m x (E_X)\n");
});
