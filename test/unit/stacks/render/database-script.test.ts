import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { derivePasswords } from "../../../../stacks/config/passwords.ts";
import { databaseScript } from "../../../../stacks/render/database-script.ts";
import { temporaryDirectory } from "../../../fixtures/temporary-directory.ts";

/** Notes how it is called, and runs the command of a `docker run` here. */
const DOCKER = `#!/bin/bash
printf '%s\\n' "$*" >>"$CALLS"
[ "$1" = run ] || exec cat >/dev/null
while [ "$1" != image ]; do shift; done
shift
exec "$@"`;
const NODE = `#!/bin/bash
printf 'node %s %s %s\\n' "$*" "\${ORB_DATABASE_URL:-}" "\${ORB_REDIS_URL:-}" >>"$SEEN"`;

test("the migrations and Redis' functions get their passwords, and no command line contains one", () => {
  using directory = temporaryDirectory();
  const file = (name: string) => `${directory.path}/${name}`;
  for (const [name, text] of [
    ["docker", DOCKER],
    ["node", NODE],
  ] as const) {
    writeFileSync(file(name), text);
    chmodSync(file(name), 0o755);
  }
  const passwords = derivePasswords("5".repeat(32));
  const { after = "" } = databaseScript({ passwords, image: "image", networks: { store: "store", queue: "queue" } });

  const env = { PATH: `${directory.path}:/usr/bin:/bin`, CALLS: file("calls"), SEEN: file("seen") };
  const { status, stderr } = spawnSync("bash", ["--norc", "-euc", after], { env, encoding: "utf8", input: "" });

  assert.deepEqual([status, stderr], [0, ""]);
  assert.deepEqual(readFileSync(file("seen"), "utf8").split("\n"), [
    `node services/core/store/migrate-main.ts postgres://owner:${passwords.database.owner}@postgres:5432/orbweaver `,
    `node services/core/queue/load-main.ts  redis://operator:${passwords.queue.operator}@redis:6379`,
    "",
  ]);
  const calls = readFileSync(file("calls"), "utf8");
  const known = [...Object.values(passwords.database), ...Object.values(passwords.queue)];
  assert.deepEqual(
    known.filter((password) => calls.includes(password)),
    [],
  );
  assert.match(calls, /run --rm -i --network queue /);
});
