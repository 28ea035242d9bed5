import assert from "node:assert/strict";
import { test } from "node:test";
import { QUEUE_ROLES } from "../../../services/core/protocol/replica.ts";
import { GROUPS } from "../../../stacks/roles.ts";
import { api, containerIds, gone, type Outcome, on, orb, orbJson } from "../../fixtures/lab-fleet.ts";
import { underLoad } from "../../fixtures/load.ts";
import { until } from "../../fixtures/until.ts";
import type { Chapter } from "./chapter.ts";

/** The commands of every day: what they change, and above all what they leave alone. */
export function dayToDayChapter({ fleet, options }: Chapter, long: Chapter): void {
  test("a second up changes nothing", options, async () => {
    const { changes } = await orbJson<Outcome>("up", "--stack", "lab");

    assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
  });

  test("status reports that the fleet is healthy, and what its projects do", options, async () => {
    const { problems, projects } = await orbJson<{ problems: string[]; projects: object }>("status", "--stack", "lab");

    assert.deepEqual(problems, []);
    const known = JSON.parse(await api(fleet(), "GET", "/projects")) as { name: string }[];
    assert.deepEqual(
      Object.keys(projects),
      known.map(({ name }) => name),
    );
  });

  test("the list of processes has every container of a role that uses the queues, with its host", options, async () => {
    const running: string[] = [];
    for (const { name } of fleet().lab.hosts) {
      const hostName = (await on(name, "hostname")).trim();
      const ids = await containerIds({ hosts: [{ name }] });
      running.push(...QUEUE_ROLES.flatMap((role) => (ids.get(role) ?? []).map(() => `${role} on ${hostName}`)));
    }
    let listed = "";

    // Processes that were killed before are listed for 20 s.
    await until(
      () => `only these are listed: ${running.sort()}; listed are ${listed}`,
      async () => {
        const replicas = JSON.parse(await api(fleet(), "GET", "/replicas")) as { role: string; host: string }[];
        listed = String(replicas.map(({ role, host }) => `${role} on ${host}`).sort());
        return listed === String(running.sort());
      },
      60_000,
      1_000,
    );
    assert.ok(running.length >= QUEUE_ROLES.length);
  });

  test("logs come from every host that runs the role", options, async () => {
    const { code, stdout } = await orb("logs", "fetcher", "--stack", "lab", "--lines", "5");

    const hosts = stdout.trim().split("\n");
    assert.equal(code, 0);
    assert.deepEqual([...new Set(hosts.map((line) => line.split(" ")[0]))].sort(), ["work1", "work2"]);
  });

  test("a change from 8 to 4 web UIs removes four containers and nothing else", options, async () => {
    const earlier = await containerIds(fleet().lab);
    const { changes } = await orbJson<Outcome>("scale", "webui=4", "--stack", "lab");

    // The service, and the script that waits for its replicas.
    assert.deepEqual([changes.update, changes.create + changes.replace + changes.delete], [2, 0]);
    await untilWebuis(4);
    const now = await containerIds(fleet().lab);
    assert.deepEqual(gone(earlier, now), { webui: 4 });
    assert.deepEqual(gone(now, earlier), {});
  });

  test(
    "the scheduled restart renews the five groups one at a time, drops no request, and does not restart the scheduler",
    options,
    async () => {
      const { lab } = fleet();
      const earlier = await containerIds(lab);

      const began = Date.now();
      const load = await underLoad(fleet(), 60, async () => {
        // As the timers do: on every manager at once. One of them acts.
        await Promise.all(lab.hosts.map(({ name }) => on(name, "systemctl start orbweaver-restart.service")));
        process.stderr.write(`the restart took ${(Date.now() - began) / 1_000} s\n`);
      });

      assert.deepEqual([load.failed, load.failures], [0, []]);
      assert.equal(load.executed, load.posts);
      const expected = GROUPS.map((group) => [group, earlier.get(group)?.length] as const);
      assert.deepEqual(gone(earlier, await containerIds(lab)), Object.fromEntries(expected));
      for (const { name } of lab.hosts) assert.equal(await on(name, "systemctl is-active orbweaver-restart.timer"), "active");
    },
  );

  test("scaling after a restart keeps every other container, and up reverts nothing", options, async () => {
    const renewed = await containerIds(fleet().lab);
    await orbJson<Outcome>("scale", "webui=2", "--stack", "lab");
    await untilWebuis(2);

    assert.deepEqual(gone(renewed, await containerIds(fleet().lab)), { webui: 2 });
    await orbJson<Outcome>("scale", "webui=4", "--stack", "lab");
  });

  test("a restart of one role renews only its replicas", options, async () => {
    const earlier = await containerIds(fleet().lab);
    const { restarted } = await orbJson<{ restarted: string[] }>("restart", "fetcher", "--stack", "lab");

    assert.deepEqual(restarted, ["fetcher"]);
    assert.deepEqual(gone(earlier, await containerIds(fleet().lab)), { fetcher: 2 });
  });

  test("an upgrade with unchanged images replaces no container, and the status shows its day", long.options, async () => {
    const earlier = await containerIds(fleet().lab);
    const { code, stderr } = await orb("upgrade", "images", "--stack", "lab", "--yes");
    assert.equal(code, 0, stderr);
    const { imagesOf } = await orbJson<{ imagesOf: string }>("status", "--stack", "lab");

    assert.match(imagesOf, /^\d{4}-\d{2}-\d{2}$/);
    assert.deepEqual(gone(earlier, await containerIds(fleet().lab)), {});
  });

  const untilWebuis = (count: number) =>
    until(`${count} web UIs run`, async () => (await containerIds(fleet().lab)).get("webui")?.length === count, 60_000);
}
