import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { clearLockScript, holdLockScript, LOCK, LOCK_HELD } from "../../../stacks/render/fleet-lock.ts";
import { fakeSwarm } from "../../fixtures/fake-swarm.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";

const OWNER = "the deployment by ops on desk";

/** A swarm of one manager, where scripts run as over SSH; they look at a held lock every second. */
function startManager() {
  const directory = temporaryDirectory();
  const swarm = fakeSwarm(directory.path);
  const sessions: ChildProcessWithoutNullStreams[] = [];
  const env = { ...process.env, PATH: `${directory.path}:${process.env.PATH}` };
  return {
    swarm,
    start(script: string, deadSeconds = 60) {
      const session = spawn("bash", ["-s"], { env });
      sessions.push(session);
      let stdout = "";
      session.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      session.stderr.pipe(process.stderr);
      session.stdin.on("error", () => {});
      session.stdin.write(script.replaceAll("-ge 60", `-ge ${deadSeconds}`).replaceAll(/\b(listen|sleep) 5\b/g, "$1 1"));
      return {
        session,
        stdout: () => stdout,
        said: (text: string) =>
          until(
            () => `the session says ${text}: ${stdout}; configs: ${swarm.names()}`,
            () => stdout.includes(text),
          ),
      };
    },
    [Symbol.dispose]() {
      for (const session of sessions) session.kill("SIGKILL");
      directory[Symbol.dispose]();
    },
  };
}

test("the lock is held while the client is connected, each line renews the heartbeat, and disconnecting releases the lock", async () => {
  using manager = startManager();
  const { session, said } = manager.start(holdLockScript(OWNER));
  await said("taken");

  for (const beat of [1, 2]) {
    session.stdin.write("\n");
    await until("the heartbeat is there", () => manager.swarm.names().some((name) => name.endsWith(`-${beat}`)));
  }
  await until("only the last heartbeat is left", () => manager.swarm.names().length === 2);
  session.stdin.end();
  await once(session, "close");

  assert.deepEqual(manager.swarm.names(), []);
});

test("a session that is killed by a signal releases the lock", async () => {
  using manager = startManager();
  const { session, said } = manager.start(holdLockScript(OWNER));
  await said("taken");

  session.kill("SIGHUP");
  session.stdin.write("\n");
  await once(session, "close");

  assert.deepEqual(manager.swarm.names(), []);
});

test("a waiting client receives the holder's name, and the lock after its release", async () => {
  using manager = startManager();
  const first = manager.start(holdLockScript("the first"));
  await first.said("taken");
  const second = manager.start(holdLockScript("the second"));
  await second.said("held the first");

  first.session.stdin.end();
  second.session.stdin.write("\n");
  await second.said("taken");

  assert.doesNotMatch(second.stdout(), /dead/);
});

test("the lock of a dead holder is taken over, but only by its id", async () => {
  using manager = startManager();
  manager.swarm.lock(LOCK, "a dead one");
  const { session, said } = manager.start(holdLockScript(OWNER), 1);

  await said("held a dead one");
  await said("dead a dead one");
  await said("taken");
  session.stdin.end();
  await once(session, "close");

  assert.deepEqual(manager.swarm.names(), []);
});

test("clearing removes a dead holder's lock and keeps a live one's", async () => {
  using manager = startManager();
  manager.swarm.lock(LOCK, "a dead one");
  const dead = manager.start(clearLockScript(OWNER), 1);
  const [deadCode] = await once(dead.session, "close");
  const holder = manager.start(holdLockScript("a live one"));
  await holder.said("taken");
  const beats = setInterval(() => holder.session.stdin.write("\n"), 300);
  const live = manager.start(clearLockScript(OWNER));
  const [liveCode] = await once(live.session, "close");
  clearInterval(beats);

  assert.deepEqual([deadCode, dead.stdout()], [0, "dead a dead one\n"]);
  assert.deepEqual([liveCode, live.stdout()], [LOCK_HELD, "held a live one\n"]);
  assert.ok(manager.swarm.names().includes(LOCK));
});
