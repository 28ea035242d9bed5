import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { makeCertificate, opensslIsMissing } from "../../fixtures/certificate.ts";
import { runCertificateScript } from "../../fixtures/certificate-script.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const PASSPHRASE = "passphrase-for-tests-0123456789abcdef";
const DOMAIN = "site.test";
const sealed = (key: string, passphrase = PASSPHRASE) =>
  String(createPrivateKey(key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }));
const bundle = (chain: string, key: string) => `state {"domain":"${DOMAIN}"}\n${chain}${key}`;

test("a placeholder lets nginx start, and does not count as a certificate", { skip: opensslIsMissing }, async () => {
  await using host = await startHost();

  const { status } = await host.run("placeholder");

  assert.deepEqual([status, host.isIssued(), host.chain()?.includes("BEGIN CERTIFICATE")], [0, false, true]);
});

test("a certificate is installed once: nginx alone can read the key, and a reload follows", { skip: opensslIsMissing }, async () => {
  await using host = await startHost();
  const { cert, key } = makeCertificate();
  host.web.answer = bundle(cert, sealed(key));

  const [first, second] = [await host.run(), await host.run()];

  assert.deepEqual([first.status, second.status, host.reloads()], [0, 0, 1]);
  assert.deepEqual([host.isIssued(), host.chain(), host.keyMode()], [true, cert, "400"]);
  assert.match(first.stdout, /^installed the certificate of site\.test, good until /);
});

test("a certificate from the stack config is installed without any request", { skip: opensslIsMissing }, async () => {
  const { cert, key } = makeCertificate();
  await using host = await startHost({ given: cert + key });

  const { status } = await host.run();

  assert.deepEqual([status, host.chain(), host.isIssued(), host.web.asked], [0, cert, true, 0]);
});

const refusals: [string, (good: Pair, other: Pair) => string, RegExp][] = [
  ["another key", (good, other) => bundle(good.cert, sealed(other.key)), /does not match its key or site\.test/],
  ["another passphrase", (good) => bundle(good.cert, sealed(good.key, "another passphrase")), /cannot be decrypted/],
  ["another domain", () => bundle(...otherDomain()), /does not match its key or site\.test/],
  ["a chain that is cut", (good) => bundle(good.cert.slice(0, 200), sealed(good.key)), /cannot be decrypted/],
  ["no certificate yet", () => bundle("", ""), /^$/],
  ["an unrelated page", () => "<html>", /no web UI answers/],
];

for (const [what, answerOf, message] of refusals) {
  test(`with ${what} the previous certificate stays`, { skip: opensslIsMissing }, async () => {
    await using host = await startHost();
    const [good, other] = [makeCertificate(), makeCertificate()];
    host.web.answer = bundle(good.cert, sealed(good.key));
    await host.run();
    host.web.answer = answerOf(makeCertificate(), other);

    const { stderr } = await host.run();

    assert.deepEqual([host.chain(), host.reloads(), host.isIssued()], [good.cert, 1, true]);
    assert.match(stderr.trim(), message);
  });
}

test("a certificate that nginx refuses is rolled back", { skip: opensslIsMissing }, async () => {
  await using host = await startHost();
  const [good, next] = [makeCertificate(), makeCertificate()];
  host.web.answer = bundle(good.cert, sealed(good.key));
  await host.run();
  host.web.answer = bundle(next.cert, sealed(next.key));

  const { status, stderr } = await host.run({ nginxRefuses: true });

  assert.deepEqual([status, host.chain(), host.reloads()], [1, good.cert, 1]);
  assert.match(stderr, /nginx refuses the certificate: the previous one stays/);
});

test("if the first balancer does not answer, the next is asked; if no balancer answers, the certificate stays", {
  skip: opensslIsMissing,
}, async () => {
  await using host = await startHost({ deadFirst: true });
  const { cert, key } = makeCertificate();
  host.web.answer = bundle(cert, sealed(key));

  const { status } = await host.run();
  host.web.close();
  const alone = await host.run();

  assert.deepEqual([status, alone.status, host.chain()], [0, 1, cert]);
  assert.match(alone.stderr, /no web UI answers at 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+: the certificate stays as it is/);
});

interface Pair {
  cert: string;
  key: string;
}

/** A certificate for localhost alone. */
function otherDomain(): [string, string] {
  const { cert, key } = makeCertificate("DNS:localhost");
  return [cert, sealed(key)];
}

/** A host with a web UI that answers what a test says. */
async function startHost({ given, deadFirst = false }: { given?: string; deadFirst?: boolean } = {}) {
  const directory = temporaryDirectory();
  const file = (name: string) => `${directory.path}/${name}`;
  const web = { answer: "", asked: 0, close: () => {} };
  const server = createServer((_request, answer) => {
    web.asked += 1;
    answer.writeHead(200, { "content-type": "text/plain" }).end(web.answer);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  web.close = () => {
    server.close();
    server.closeAllConnections();
  };
  const balancers = [...(deadFirst ? ["127.0.0.1:9"] : []), `127.0.0.1:${port}`];
  const run = runCertificateScript({ file, domain: DOMAIN, balancers, passphrase: PASSPHRASE, ...(given === undefined ? {} : { given }) });
  return {
    ...{ web, run },
    chain: () => (existsSync(file("tls/current/chain.pem")) ? readFileSync(file("tls/current/chain.pem"), "utf8") : undefined),
    isIssued: () => existsSync(file("tls/issued")),
    reloads: () => (existsSync(file("reloads")) ? readFileSync(file("reloads"), "utf8").length : 0),
    keyMode: () => (statSync(file("tls/current/key.pem")).mode & 0o777).toString(8),
    async [Symbol.asyncDispose]() {
      web.close();
      directory[Symbol.dispose]();
    },
  };
}
