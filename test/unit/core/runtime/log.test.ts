import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog, shortLine, withoutPasswords } from "../../../../services/core/runtime/log.ts";

test("passwords in URLs are removed at any position", () => {
  const text = withoutPasswords('{"a":"redis://default:s3cr%40t@h:1/0","b":"postgres://u:p@h/db and http://x:y@z"}');

  assert.equal(text, '{"a":"redis://default:[redacted]@h:1/0","b":"postgres://u:[redacted]@h/db and http://x:[redacted]@z"}');
});

test("the form of a URL that a user is to write stays unchanged", () => {
  const text = "write postgres://user[:password]@host[:port]/database or redis://[user:password@]host[:port][/db]";

  assert.equal(withoutPasswords(text), text);
});

test("passwords that look like the form of a URL are removed", () => {
  const text = "a://user:password@h b://user:[password]@h c://user[:secret]@h d://[user:secret@]h e://me[:password]@h f://user:password]@h";

  assert.equal(
    withoutPasswords(text),
    "a://user:[redacted]@h b://user:[redacted]@h c://user[:[redacted]@h d://[user:[redacted]@]h e://me[:[redacted]@h f://user:[redacted]@h",
  );
});

test("text without a password stays unchanged", () => {
  const text = "http://127.0.0.1:5000/a@b and redis://h:1";

  assert.equal(withoutPasswords(text), text);
});

test("a text log line shows time, role, message and fields", () => {
  const line = shortLine('{"level":"info","time":"2026-01-02T03:04:05.678Z","role":"fetcher","msg":"started","port":24444}\n', false);

  assert.equal(line, "03:04:05 fetcher: started port=24444\n");
});

test("a bug shows its stack, and an error with a code only its message", () => {
  const bug = shortLine(
    '{"level":"error","time":"2026-01-02T03:04:05.678Z","role":"r","msg":"m","err":{"message":"x","stack":"Error: x\\n at y"}}',
    false,
  );
  const known = shortLine(
    '{"level":"error","time":"2026-01-02T03:04:05.678Z","role":"r","msg":"m","err":{"code":"E_X","message":"x","stack":"s"}}',
    false,
  );

  assert.equal(bug, "03:04:05 r error: m\n  Error: x\n   at y\n");
  assert.equal(known, "03:04:05 r error: m x (E_X)\n");
});

for (const name of ["password", "token", "secret", "authorization", "cookie", "set-cookie", "cookies"]) {
  test(`a field ${name} is redacted, also two levels deep`, (context) => {
    const lines: string[] = [];
    const write = context.mock.method(process.stderr, "write", (line: string) => lines.push(line) > 0);
    const secret = { [name]: "s3cr3t" };

    createLog("fetcher", "info").info({ ...secret, headers: secret, request: { headers: secret }, url: "http://h/" }, "asked");
    write.mock.restore();

    const text = lines.join("");
    assert.equal(text.split("[redacted]").length - 1, 3, text);
    assert.doesNotMatch(text, /s3cr3t/);
    assert.match(text, /http:\/\/h\//);
  });
}
