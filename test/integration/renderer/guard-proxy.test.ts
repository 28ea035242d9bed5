import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createAddressGuard } from "../../../services/core/net/address-guard.ts";
import { openGuardProxy } from "../../../services/renderer/guard-proxy.ts";
import { LOOPBACK } from "../../fixtures/fetching.ts";
import { ODD_ANSWERS, startRudeServer } from "../../fixtures/rude-server.ts";
import { SLOW_LIMITS, slowClients, timeUntilClosed } from "../../fixtures/slow-clients.ts";

/** What Node's client reads and its server does not write. */
const ANSWERS: Record<string, string> = {
  "a status below 100": "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
  "a trailer without chunks": "HTTP/1.1 200 OK\r\nTrailer: x\r\nContent-Length: 0\r\n\r\n",
};

for (const [name, text] of Object.entries(ANSWERS)) {
  test(`an answer with ${name} ends its own request, and the next request is served`, async () => {
    let answer = text;
    const site = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer));
    });
    await once(site.listen(0, "127.0.0.1"), "listening");
    const { port } = site.address() as AddressInfo;
    await using proxy = await openGuardProxy(createAddressGuard(LOOPBACK));
    const get = () =>
      new Promise<number | undefined | string>((resolve) => {
        request({ port: proxy.port, path: `http://127.0.0.1:${port}/`, agent: false }, (response: IncomingMessage) =>
          resolve(response.resume().statusCode),
        )
          .on("error", ({ message }) => resolve(message))
          .end();
      });

    const odd = await get();
    answer = "HTTP/1.1 204 Fine\r\n\r\n";
    const fine = await get();
    site.close();

    assert.deepEqual([odd, fine], ["socket hang up", 204]);
    assert.ok(proxy.failureOf(`http://127.0.0.1:${port}/`, 0));
  });
}

for (const client of slowClients(
  "GET http://127.0.0.1:9/ HTTP/1.1\r\nhost: 127.0.0.1:9\r\n",
  "POST http://127.0.0.1:9/ HTTP/1.1\r\nhost: 127.0.0.1:9\r\n",
)) {
  test(`a client that sends ${client.title} is disconnected`, async () => {
    await using proxy = await openGuardProxy(createAddressGuard(LOOPBACK), undefined, SLOW_LIMITS);

    await timeUntilClosed(proxy.port, client);
  });
}

test("answers that browsers read reach Chromium in a form that every client reads", async () => {
  await using rude = await startRudeServer();
  await using proxy = await openGuardProxy(createAddressGuard(LOOPBACK));
  const get = (path: string) =>
    new Promise<string>((resolve) => {
      request({ port: proxy.port, path, agent: false }, (response) => void text(response).then(resolve))
        .on("error", ({ message }) => resolve(message))
        .end();
    });

  for (const name of Object.keys(ODD_ANSWERS)) assert.equal(await get(rude.urlOf(name)), "hi", name);
});
