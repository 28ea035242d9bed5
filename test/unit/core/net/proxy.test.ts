import assert from "node:assert/strict";
import { test } from "node:test";
import { BadProxyError } from "../../../../services/core/net/proxy/errors.ts";
import { parseProxy, proxyHeaders } from "../../../../services/core/net/proxy/proxy.ts";

const PROXIES: [text: string, host: string, port: number, login: string, label: string][] = [
  ["http://proxy.example:8080", "proxy.example", 8_080, ":", "http://proxy.example:8080"],
  ["http://proxy.example", "proxy.example", 80, ":", "http://proxy.example:80"],
  ["https://proxy.example/", "proxy.example", 443, ":", "https://proxy.example:443"],
  ["socks5://proxy.example", "proxy.example", 1_080, ":", "socks5://proxy.example:1080"],
  ["socks5://u:p%40ss@[2001:db8::1]:9050", "2001:db8::1", 9_050, "u:p@ss", "socks5://[2001:db8::1]:9050"],
  ["http://user:secret@203.0.113.1:3128", "203.0.113.1", 3_128, "user:secret", "http://203.0.113.1:3128"],
];

for (const [text, host, port, login, label] of PROXIES) {
  test(`${text} is a proxy, and its label shows no password`, () => {
    const proxy = parseProxy(text);

    assert.deepEqual([proxy.host, proxy.port, `${proxy.username}:${proxy.password}`, proxy.label], [host, port, login, label]);
  });
}

for (const text of [
  "",
  "proxy.example:8080",
  "ftp://proxy.example",
  "socks4://proxy.example",
  "http://",
  "http://a/path",
  "http://a?b",
  "http://%:@a",
  `socks5://${"u".repeat(256)}:p@a`,
  `socks5://u:${"%C3%A4".repeat(128)}@a`,
  "socks5://:password@a",
]) {
  test(`${JSON.stringify(text)} is an invalid proxy, and the error does not repeat it`, () => {
    assert.throws(
      () => parseProxy(text),
      (error) => error instanceof BadProxyError && !(text.length > 8 && error.message.includes(text)),
    );
  });
}

test("user and password are sent to the proxy as basic authorization", () => {
  assert.deepEqual(proxyHeaders(parseProxy("http://u:p%C3%A4@a")), {
    "proxy-authorization": `Basic ${Buffer.from("u:pä").toString("base64")}`,
  });
  assert.deepEqual(proxyHeaders(parseProxy("http://a")), {});
});
