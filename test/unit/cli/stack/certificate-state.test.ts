import assert from "node:assert/strict";
import { test } from "node:test";
import { daysLeft, edgeLine, edgeProblems } from "../../../../services/cli/stack/certificate-state.ts";

const NOW = Date.parse("2026-01-01T12:00:00Z") / 1_000;
const DAY = 86_400;
const acme = { directory: "https://ca.example/", email: undefined, authority: undefined };
const ordered = { domain: "crawl.test", certificate: { acme } };
const given = { domain: "crawl.test", certificate: { given: "PEM" } };
const url = "https://198.51.100.12";
const edge = (days: number, status = 200) => [{ url, status, goodUntil: NOW + days * DAY }];
const problems = (tls: Parameters<typeof edgeProblems>[0], edges: ReturnType<typeof edge>, problem?: string) =>
  edgeProblems(tls, { edges, now: NOW, order: { domain: "crawl.test", nextOrder: NOW + 120, ...(problem ? { problem } : {}) } });

test("an edge with a valid certificate is no problem, and its remaining days are counted", () => {
  assert.deepEqual([problems(ordered, edge(61)), daysLeft(NOW + 61.9 * DAY, NOW)], [[], 61]);
  assert.equal(edgeLine({ url, status: 200, goodUntil: NOW + DAY }, NOW), `${url} 200, certificate: 1 day left`);
});

test("a failed order is reported in the CA's words, with the time of the next attempt", () => {
  assert.deepEqual(problems(ordered, edge(20), "too many certificates"), [
    "no new certificate for crawl.test: too many certificates; the next order is placed at 2026-01-01 12:02 UTC",
  ]);
});

test("a failed order for an earlier domain is not a problem of the current one", () => {
  const order = { domain: "old.test", nextOrder: NOW, problem: "refused" };

  assert.deepEqual(edgeProblems(ordered, { edges: edge(20), order, now: NOW }), []);
});

test("an edge without a certificate for the domain is reported, whatever it answers", () => {
  assert.deepEqual(edgeProblems(ordered, { edges: [{ url, status: 503 }], order: undefined, now: NOW }), [
    `${url} has no certificate for crawl.test yet`,
  ]);
});

test("an expired certificate is a problem, and one from the stack config already two weeks earlier", () => {
  assert.deepEqual(problems(ordered, edge(-2)), [`the certificate of ${url} expired 2 days ago`]);
  assert.deepEqual([problems(given, edge(14)), problems(ordered, edge(1))], [[], []]);
  assert.deepEqual(problems(given, edge(13)), [
    `the certificate of ${url} expires in 13 days: set a new orbweaver:certificate, then ./orb up`,
  ]);
});

test("with and without a domain, an edge that fails or does not answer is reported", () => {
  assert.deepEqual(problems(ordered, edge(61, 502)), [`${url} answers 502`]);
  assert.deepEqual(
    edgeProblems(undefined, {
      edges: [
        { url: "http://a", status: 502 },
        { url: "http://b", status: 0 },
      ],
      order: undefined,
      now: NOW,
    }),
    ["http://a answers 502", "http://b does not answer"],
  );
});
