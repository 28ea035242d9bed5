import assert from "node:assert/strict";
import { test } from "node:test";
import { isBlocked } from "../../../services/processor/blocked.ts";

const page = (statusCode: number, { text = "", headers = {} }: { text?: string; headers?: Record<string, string> } = {}) => ({
  statusCode,
  headers,
  content: Buffer.from(text),
});

for (const [what, given] of [
  ["too many requests", page(429)],
  ["Cloudflare's challenge", page(403, { headers: { "cf-mitigated": "challenge" } })],
  ["a challenge in the text", page(503, { text: "<title>Just a moment...</title>" })],
  ["AWS WAF's captcha", page(403, { headers: { "x-amzn-waf-action": "captcha" } })],
  ["DataDome's page", page(403, { headers: { "x-datadome": "protected" } })],
  ["a captcha in the text", page(403, { text: "<p>Please solve this CAPTCHA to continue" })],
  ["a rate limit with status 403", page(403, { text: '{"message":"API rate limit exceeded"}' })],
] as const) {
  test(`${what} is a refusal of the crawl`, () => {
    assert.equal(isBlocked(given), true);
  });
}

for (const [what, given] of [
  ["a closed page", page(403, { text: "<h1>Forbidden</h1>" })],
  ["an accident", page(503, { text: "<h1>Service Unavailable</h1>" })],
  ["a page about captchas", page(200, { text: "captcha" })],
  ["a missing page with a captcha", page(404, { text: "captcha" })],
  ["a notice far down in a page", page(403, { text: `${" ".repeat(20_000)}captcha` })],
] as const) {
  test(`${what} is no refusal of the crawl`, () => {
    assert.equal(isBlocked(given), false);
  });
}
