import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { startFetching } from "../../fixtures/fetching.ts";

/** A server that answers the first request of each connection, and ends the connection at the second without an answer. */
async function startForgetfulServer(end: (socket: Socket) => void) {
  const requests: string[] = [];
  const server = createServer((socket) => {
    let served = 0;
    socket.on("error", () => {});
    socket.on("data", (data) => {
      if (data.toString().startsWith("GET /robots.txt")) {
        socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      requests.push(data.toString().split(" ", 1)[0] ?? "");
      if (served > 0) end(socket);
      else socket.write("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi");
      served += 1;
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, requests, [Symbol.asyncDispose]: async () => void server.close() };
}

const ENDS: [string, (socket: Socket) => void][] = [
  ["resets", (socket) => socket.resetAndDestroy()],
  ["closes", (socket) => socket.destroy()],
];

for (const [what, end] of ENDS) {
  test(`a GET is sent again on a new connection when the server ${what} a reused one`, async () => {
    await using server = await startForgetfulServer(end);
    await using fetching = await startFetching();

    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await fetching.get(server.url)).statusCode);

    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 200]);
    assert.ok(server.requests.length > 6, "connections were reused");
  });

  test(`a POST is sent once when the server ${what} reused connections`, async () => {
    await using server = await startForgetfulServer(end);
    await using fetching = await startFetching();
    await fetching.get(server.url);

    await fetching.get(server.url, { method: "POST", data: "a=1" });

    assert.deepEqual(server.requests, ["GET", "POST"]);
  });
}
