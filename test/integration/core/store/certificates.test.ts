import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as store from "../../../../services/core/store/certificates.ts";
import { ENGINES, type TestDatabase } from "../../../fixtures/database.ts";
import { until } from "../../../fixtures/until.ts";

const NAME = { domain: "crawl.test", directory: "https://ca.test/dir", passphraseId: "id" };
const CLAIM_MS = 60_000;
const PAST = 0;
const FUTURE = 4_000_000_000;

// Only a fleet has certificates, and it has Postgres.
for (const { engine, skip, open } of ENGINES.slice(1)) {
  describe(`certificates on ${engine}`, { skip }, () => {
    let opened: TestDatabase;
    before(async () => {
      opened = await open();
    });
    after(() => opened[Symbol.asyncDispose]());
    const sql = () => opened.database;
    const fresh = async () => {
      await sql().exec("delete from certificate; delete from certificate_challenges");
      await store.adoptCertificate(sql(), NAME);
    };
    const claim = (issuer: string, claimMs = CLAIM_MS, name = NAME) => store.claimOrder(sql(), name, { issuer, claimMs });

    test("exactly one of many processes claims the order", async () => {
      await fresh();

      const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => claim(`issuer ${index}`)));

      assert.equal(claims.filter((one) => one !== undefined).length, 1);
    });

    test("another process takes over a crashed process's claim, and later writes of the crashed process are refused", async () => {
      await fresh();
      await claim("dead", 1);
      await until("the takeover", () => claim("alive"));

      await store.endOrder(sql(), "dead", { problem: "late", failures: 1, nextOrder: FUTURE });
      await store.endOrder(sql(), "alive", { chain: "chain", privateKey: "key", notAfter: FUTURE, nextOrder: FUTURE });

      const { problem, chain, notAfter } = (await store.readCertificate(sql())) ?? {};
      assert.deepEqual([problem, chain, notAfter], [undefined, "chain", FUTURE]);
    });

    test("an order is not claimed before its time, and failures count until a certificate is stored", async () => {
      await fresh();
      await claim("one");
      await store.endOrder(sql(), "one", { problem: "refused", failures: 1, nextOrder: FUTURE });
      const early = await claim("two");
      await sql().query("update certificate set due = to_timestamp($1)", [PAST]);
      const next = await claim("two");

      assert.deepEqual([early, next?.failures], [undefined, 1]);
    });

    test("a new start with the same names keeps everything; another domain, directory or passphrase starts the order again", async () => {
      await fresh();
      await claim("one");
      await store.storeAccount(sql(), "one", { key: "account", url: "https://ca.test/1" });
      await store.endOrder(sql(), "one", { chain: "chain", privateKey: "key", notAfter: FUTURE, nextOrder: FUTURE });

      await store.adoptCertificate(sql(), NAME);
      const same = await claim("two");
      const other = { ...NAME, domain: "other.test" };
      await store.adoptCertificate(sql(), other);
      const byOldName = await claim("two");
      const byOldPassphrase = await claim("two", CLAIM_MS, { ...other, passphraseId: "old" });
      const byNewName = await claim("two", CLAIM_MS, other);
      const kept = await store.readCertificate(sql());

      assert.deepEqual(
        [same, byOldName, byOldPassphrase, byNewName],
        [undefined, undefined, undefined, { account: undefined, failures: 0 }],
      );
      assert.equal(kept?.chain, "chain");
    });

    test("the next order uses the stored account", async () => {
      await fresh();
      await claim("one");
      await store.storeAccount(sql(), "one", { key: "account", url: "https://ca.test/1" });
      await store.releaseOrder(sql(), "one");

      assert.deepEqual((await claim("two"))?.account, { key: "account", url: "https://ca.test/1" });
    });

    test("a challenge stays open until its order ends", async () => {
      await fresh();
      await claim("one");
      await store.storeChallenge(sql(), "token", "answer");
      const open = await store.readChallenge(sql(), "token");
      await store.endOrder(sql(), "one", { problem: "refused", failures: 1, nextOrder: FUTURE });

      assert.deepEqual([open, await store.readChallenge(sql(), "token")], ["answer", undefined]);
    });
  });
}
