import assert from "node:assert/strict";
import { test } from "node:test";
import { commandAs, findAccount } from "../../../../services/core/store/server-user.ts";

const ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533::/:/bin/false\nnot-postgres:x:1:1::/:/bin/sh\n";

test("under root, Postgres runs as the account postgres, or as the next choice if that does not exist", () => {
  assert.deepEqual(findAccount(`${ACCOUNTS}postgres:x:101:104::/:/bin/sh\n`), { uid: 101, gid: 104 });
  assert.deepEqual(findAccount(ACCOUNTS), { uid: 65_534, gid: 65_533 });
  assert.equal(findAccount("root:x:0:0:root:/root:/bin/sh\n"), undefined);
});

test("another account keeps one right of root's, to enter folders, and cannot gain others", () => {
  assert.deepEqual(commandAs({ uid: 101, gid: 104 }, ["postgres", "-D", "/d"]), [
    ...["setpriv", "--reuid=101", "--regid=104", "--clear-groups", "--no-new-privs"],
    ...["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--bounding-set=-all,+dac_override"],
    ...["postgres", "-D", "/d"],
  ]);
});

test("a user who is not root runs Postgres directly", () => {
  assert.deepEqual(commandAs(undefined, ["postgres"]), ["postgres"]);
});
