/** The domain, and how its certificate is had. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeCertificate, opensslIsMissing } from "../../fixtures/certificate.ts";
import { type ConfigRow, testConfigRows } from "../../fixtures/config-rows.ts";
import { readConfig, withSettings } from "../../fixtures/stack-configs.ts";

const domain = "crawl.example.org";
const DOMAIN = /write a domain name in small letters/;
const NEEDS_DOMAIN = /set orbweaver:domain/;

const domains: ConfigRow[] = [
  ...["example.org", "a.b.c.example", "xn--bcher-kva.example", "crawl-1.example.org"].map(
    (value): ConfigRow => [`the domain ${value}`, withSettings({ domain: value }), {}],
  ),
  ...[
    "localhost",
    "Example.org",
    "*.example.org",
    "203.0.113.1",
    "a_b.example",
    "example.org.",
    "a..b",
    "-a.example",
    "a.example; }",
    `${"a".repeat(64)}.org`,
  ].map((value): ConfigRow => [`the domain ${value}`, withSettings({ domain: value }), { domain: DOMAIN }]),
  ["a domain as a number", withSettings({ domain: 1 }), { domain: DOMAIN }],
];

const acme: ConfigRow[] = [
  ["an e-mail address", withSettings({ domain, acme: { email: "admin@example.org" } }), {}],
  ["staging", withSettings({ domain, acme: { staging: true } }), {}],
  ["another directory", withSettings({ domain, acme: { directory: "https://ca.example:9000/acme/directory" } }), {}],
  ...["0", "65536", "99999"].map(
    (port): ConfigRow => [
      `a directory at port ${port}`,
      withSettings({ domain, acme: { directory: `https://ca.example:${port}/acme` } }),
      { "acme.directory": /write a port from 1 to 65535/ },
    ],
  ),
  ["a directory without TLS", withSettings({ domain, acme: { directory: "http://ca.example/" } }), { "acme.directory": /https/ }],
  [
    "a directory with staging",
    withSettings({ domain, acme: { directory: "https://ca.example/", staging: true } }),
    { "acme.staging": /Let's Encrypt/ },
  ],
  ["an e-mail address without a host", withSettings({ domain, acme: { email: "admin" } }), { "acme.email": /e-mail/ }],
  ["an unknown part of acme", withSettings({ domain, acme: { dns: true } }), { "acme.dns": /is unknown: remove it/ }],
  ["acme without a domain", withSettings({ acme: { staging: true } }), { acme: NEEDS_DOMAIN }],
  ["acme as text", withSettings({ domain, acme: "staging" }), { acme: /write an object: \{ email/ }],
];

const certificates: ConfigRow[] = [
  ["a certificate without a domain", withSettings({ certificate: "x" }), { certificate: NEEDS_DOMAIN }],
  ["an invalid certificate", withSettings({ domain, certificate: "x" }), { certificate: /no readable certificate/ }],
];

testConfigRows([...domains, ...acme, ...certificates]);

test("without a domain there is no TLS", () => {
  assert.equal(readConfig(withSettings({})).config?.tls, undefined);
});

test("the default CA is Let's Encrypt, and staging selects its staging directory", () => {
  const directoryOf = (settings: object) => {
    const certificate = readConfig(withSettings({ domain, ...settings })).config?.tls?.certificate;
    return certificate !== undefined && "acme" in certificate ? certificate.acme.directory : undefined;
  };

  assert.deepEqual(
    [directoryOf({}), directoryOf({ acme: { staging: true } }), directoryOf({ acme: { directory: "https://ca.example/" } })],
    ["https://acme-v02.api.letsencrypt.org/directory", "https://acme-staging-v02.api.letsencrypt.org/directory", "https://ca.example/"],
  );
});

test("a certificate in the stack config has its own key and the domain, and messages do not contain it", { skip: opensslIsMissing }, () => {
  const [one, other] = [makeCertificate(), makeCertificate()];
  const problemsOf = (certificate: string, name = "site.test") => readConfig(withSettings({ domain: name, certificate })).problems;
  const given = (pem: string) => readConfig(withSettings({ domain: "site.test", certificate: pem })).config?.tls?.certificate;

  const all = one.cert + one.key;
  const refused = [one.cert, one.key, one.cert + other.key].flatMap((pem) => problemsOf(pem));
  const elsewhere = problemsOf(all, "crawl.test");

  assert.deepEqual(given(all), { given: all });
  assert.deepEqual(
    [...refused, ...elsewhere].map(({ path, remedy }) => [path, remedy.split(":")[0]]),
    [
      ["orbweaver:certificate", "it contains no private key that can be read without a passphrase"],
      ["orbweaver:certificate", "it contains no readable certificate"],
      ["orbweaver:certificate", "the private key is not that of the first certificate"],
      ["orbweaver:certificate", "it is not for crawl.test but for DNS"],
    ],
  );
  assert.doesNotMatch(JSON.stringify([...refused, ...elsewhere]), /PRIVATE KEY/);
});
