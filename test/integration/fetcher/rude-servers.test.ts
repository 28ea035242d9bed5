import assert from "node:assert/strict";
import { test } from "node:test";
import { failureOf, startFetching, textOf } from "../../fixtures/fetching.ts";
import {
  ODD_ANSWERS,
  PATIENT_SECONDS,
  RUDE_ANSWERS,
  rudeCodeOf,
  SHORT_SECONDS,
  startRudeServer,
  TRICKLES,
} from "../../fixtures/rude-server.ts";

for (const name of Object.keys(RUDE_ANSWERS)) {
  const code = rudeCodeOf(name);
  test(`an answer with ${name} fails with ${code}, and the next page is fetched`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const page = await fetching.get(rude.urlOf(name), { timeout: code === "E_FETCH_TIMEOUT" ? SHORT_SECONDS : PATIENT_SECONDS });
    const next = await fetching.get("/page/1");

    const error = failureOf(page);
    assert.deepEqual([error.code, next.statusCode], [code, 200], error.message);
  });
}

for (const name of Object.keys(TRICKLES)) {
  test(`an answer with ${name} fails at the task's time limit`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const error = failureOf(await fetching.get(rude.urlOf(name), { timeout: 0.3 }));

    assert.equal(error.code, "E_FETCH_TIMEOUT");
  });
}

for (const name of Object.keys(ODD_ANSWERS)) {
  test(`an answer with ${name} is parsed as browsers parse it`, async () => {
    await using rude = await startRudeServer();
    await using fetching = await startFetching();

    const page = await fetching.get(rude.urlOf(name), { timeout: PATIENT_SECONDS });

    assert.equal(textOf(page), "hi", page.error?.message ?? "it came");
  });
}
