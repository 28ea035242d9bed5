import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";
import { ODD_ANSWERS, RUDE_ANSWERS, startRudeServer, TRICKLES } from "../../fixtures/rude-server.ts";

/** Seconds. */
const SHORT = 1;
/** What ends by itself has time to, whatever else the machine does. */
const PATIENT = 60;
const OTHERWISE: Record<string, string> = { "a body for ever": "E_BODY_TOO_LARGE", "a chunk extension for ever": "E_FETCH_TIMEOUT" };

for (const name of Object.keys(RUDE_ANSWERS)) {
  const code = OTHERWISE[name] ?? "E_BAD_RESPONSE";
  test(`${name} ends with ${code}, and the next page comes`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const page = await fetching.get(rude.urlOf(name), { timeout: code === "E_FETCH_TIMEOUT" ? SHORT : PATIENT });
    const next = await fetching.get("/page/1");

    const error = failureOf(page);
    assert.deepEqual([error.code, next.statusCode], [code, 200], error.message);
  });
}

for (const name of Object.keys(TRICKLES)) {
  test(`${name} ends at the task's time limit`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const error = failureOf(await fetching.get(rude.urlOf(name), { timeout: 0.3 }));

    assert.equal(error.code, "E_FETCH_TIMEOUT");
  });
}

for (const name of Object.keys(ODD_ANSWERS)) {
  test(`${name} is read as browsers read it`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const page = await fetching.get(rude.urlOf(name), { timeout: PATIENT });

    assert.equal(textOf(page), "hi", page.error?.message ?? "it came");
  });
}
