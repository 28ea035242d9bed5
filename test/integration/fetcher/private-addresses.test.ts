import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";
import { answerNames, PRIVATE_HOSTS } from "../../fixtures/private-hosts.ts";

for (const [name, host] of Object.entries(PRIVATE_HOSTS)) {
  test(`${name} (${host}) is refused as a page's address and as a redirect target`, async () => {
    await using fetching = await startFetching({ allowAddresses: ["127.0.0.2/32"] });
    await using open = await startSite({ host: "127.0.0.2" });
    const { port } = new URL(fetching.site.origin);
    const target = `http://${host}:${port}/page/1`;

    const page = await fetching.get(target);
    const redirected = await fetching.get(`${open.origin}/special/redirect-to?url=${encodeURIComponent(target)}`);

    assert.deepEqual([failureOf(page).code, failureOf(redirected).code], ["E_PRIVATE_ADDRESS", "E_PRIVATE_ADDRESS"]);
    assert.equal(fetching.site.requests.size, 0);
  });
}

test("a name whose address changes after the first lookup is refused at the next one", async () => {
  await using open = await startSite({ host: "127.0.0.2" });
  const { port } = new URL(open.origin);
  await using secret = await startSite({ host: "127.0.0.1", port: Number(port) });
  await using fetching = await startFetching({ allowAddresses: ["127.0.0.2/32"] });
  using names = answerNames({ "rebind.test": ["127.0.0.2", "127.0.0.1"] });
  const closing = `http://rebind.test:${port}/special/closing`;

  const first = await fetching.get(closing, { robotsTxt: false });
  const second = await fetching.get(closing, { robotsTxt: false });

  assert.equal(textOf(first), "closed");
  assert.equal(failureOf(second).code, "E_PRIVATE_ADDRESS");
  assert.deepEqual(names.asked, ["rebind.test 127.0.0.2", "rebind.test 127.0.0.1"]);
  assert.equal(secret.requests.size, 0);
});

test("if a name has several addresses, only the allowed ones are tried", async () => {
  const reached: string[] = [];
  const server = createServer((request, response) => {
    reached.push(request.socket.localAddress ?? "");
    response.end("hi");
  });
  await new Promise<void>((listening) => void server.listen(0, "0.0.0.0", listening));
  const { port } = server.address() as { port: number };
  await using fetching = await startFetching({ allowAddresses: ["127.0.0.2/32"] });
  using _names = answerNames({ "both.test": ["127.0.0.1,127.0.0.2"] });

  const page = await fetching.get(`http://both.test:${port}/`, { robotsTxt: false });
  server.close();
  server.closeAllConnections();

  assert.equal(textOf(page), "hi");
  assert.deepEqual(reached, ["127.0.0.2"]);
});
