import assert from "node:assert/strict";
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { SecureContextOptions } from "node:tls";
import { makeCertificate, opensslIsMissing } from "../../fixtures/certificate.ts";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";

const skip = opensslIsMissing;

async function startTlsServer(options: SecureContextOptions) {
  const server: Server = createServer({ ...makeCertificate(), ...options }, (_request, response) => response.end("hi"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

test("a server with TLS 1.0 alone is read with tls.minVersion, and the error names that option", { skip }, async () => {
  await using server = await startTlsServer({ minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" });
  await using fetching = await startFetching();
  const url = `https://127.0.0.1:${server.port}/`;

  const refused = failureOf(await fetching.get(url, { validateCert: false }));
  const page = await fetching.get(url, { validateCert: false, tls: { minVersion: "TLSv1" } });
  const afterwards = failureOf(await fetching.get(url, { validateCert: false }));

  assert.deepEqual([refused.code, afterwards.code, textOf(page)], ["E_TLS", "E_TLS", "hi"], page.error?.message ?? "it came");
  assert.match(refused.message, /set tls to \{ minVersion: "TLSv1" \}/);
  assert.doesNotMatch(refused.message, /validateCert/);
});

test("a server with weak keys is read with tls.ciphers, and the error names that option", { skip }, async () => {
  await using server = await startTlsServer({ maxVersion: "TLSv1.2", ciphers: "AES128-SHA:@SECLEVEL=0" });
  await using fetching = await startFetching();
  const url = `https://127.0.0.1:${server.port}/`;

  const refused = failureOf(await fetching.get(url, { validateCert: false, tls: { ciphers: "ECDHE-RSA-AES128-GCM-SHA256" } }));

  assert.equal(refused.code, "E_TLS");
  assert.match(refused.message, /set tls to \{ ciphers: "DEFAULT@SECLEVEL=0" \}/);
});

test("an untrusted certificate names validateCert, and a port without TLS names the URL", { skip }, async () => {
  await using server = await startTlsServer({});
  await using fetching = await startFetching();

  const untrusted = failureOf(await fetching.get(`https://127.0.0.1:${server.port}/`));
  const plain = failureOf(await fetching.get(`${fetching.site.origin.replace("http:", "https:")}/`));

  assert.deepEqual([untrusted.code, plain.code], ["E_TLS", "E_TLS"]);
  assert.match(untrusted.message, /set validateCert to false/);
  assert.match(plain.message, /does not speak TLS on this port/);
});

test("a server that speaks HTTP/2 alone is read by HTTP/2, a large body and a form included", { skip }, async () => {
  const server = createSecureServer(makeCertificate(), (request, response) => {
    if (request.url === "/large") response.end("x".repeat(3_000_000));
    else request.resume().once("end", () => response.writeHead(200, { "x-method": request.method }).end(request.httpVersion));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  await using fetching = await startFetching();
  const get = (path: string, more = {}) =>
    fetching.get(`https://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { validateCert: false, ...more });

  const first = await get("/");
  const [form, large] = await Promise.all([get("/", { data: "a=b" }), get("/large")]);
  const tooLarge = failureOf(await get("/large", { maxBodyBytes: 1_000 }));
  server.close();

  assert.deepEqual([textOf(first), first.error, form.headers["x-method"], large.content.length], ["2.0", undefined, "POST", 3_000_000]);
  assert.equal(tooLarge.code, "E_BODY_TOO_LARGE");
});
