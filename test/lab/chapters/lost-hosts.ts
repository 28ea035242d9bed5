import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changeConfig,
  containerIds,
  gone,
  type Outcome,
  on,
  orb,
  orbJson,
  power,
  reinstall,
  rent,
  untilWell,
} from "../../fixtures/lab-fleet.ts";
import { assertNumberedOnce, type LoadResult, underLoad } from "../../fixtures/load.ts";
import { until } from "../../fixtures/until.ts";
import type { Chapter } from "./chapter.ts";

/** The balancers' checks act within 1.3 s; a request that was already sent there fails by then, or runs elsewhere. */
const DETECTION_MS = 2_000;
const WORK2 = { name: "work2", address: "198.51.100.13", meshIp: "10.77.0.3", ssh: { user: "debian" } };
const WORK3 = { name: "work3", address: "198.51.100.14", meshIp: "10.77.0.4", edge: false, ssh: { user: "root" } };

/** Hosts that do not come back, hosts that come back as others, and hosts that come and go, under load through the edge that stays. */
export function lostHostsChapter({ fleet, options }: Chapter): void {
  const up = () => orbJson<Outcome>("up", "--stack", "lab", "--yes");

  test("without a worker host, scale continues for the others and names it; after reinstallation up restores it", options, async () => {
    await onOtherHosts("work2", async (lose) => {
      await lose();
      const { code, stderr } = await orb("scale", "fetcher=3", "--stack", "lab");
      assert.equal(code, 0, stderr);
      assert.match(stderr, /work2 does not answer: it is skipped\. .*\.\/orb host remove work2 --dead/);

      await reinstall("work2");
      await refusedUntilTrusted("work2");
      await up();
      await untilWell();
    });
    await assertNoChange();
  });

  test("after a bare host replaced the data host, the fleet is healthy and without data", options, async () => {
    await reinstall("data");
    await refusedUntilTrusted("data");
    const began = Date.now();
    await up();
    await untilWell();
    process.stderr.write(`well ${(Date.now() - began) / 1_000} s after the data host was replaced\n`);

    await assertNoChange();
  });

  test("a permanently lost worker host is removed from swarm, state and config, and another can be added", options, async () => {
    await onOtherHosts("work2", async (lose) => {
      await lose();
      await removeDead("work2");
      await reinstall("work2");
      await add(WORK2);
    });
  });

  test("a fourth host is added, and can be removed after it failed", options, async () => {
    await onOtherHosts("work3", async (lose) => {
      await rent({ name: WORK3.name, address: WORK3.address, kind: "debian13" });
      await add(WORK3);
      await lose();
      await removeDead("work3");
    });
  });

  /**
   * Spreads the replicas, as the scheduled restart does, and runs `work` under load; what it is given takes a host's power away. Requests fail only
   * until it is noticed that the host is lost. No message is lost or runs twice. The other hosts keep their containers.
   */
  async function onOtherHosts(host: string, work: (lose: () => Promise<void>) => Promise<void>): Promise<void> {
    const restarted = await orb("restart", "--stack", "lab");
    assert.equal(restarted.code, 0, restarted.stderr);
    await untilSettled();
    const others = { hosts: fleet().lab.hosts.filter(({ name }) => name !== host) };
    const earlier = await containerIds(others);
    const [edge] = fleet().edges;
    const onHost = () => containerIds({ hosts: [{ name: host }] });
    let lostAt = 0;
    let moved: Awaited<ReturnType<typeof onHost>> | undefined;
    const lose = async () => {
      if (host === WORK3.name) moved = await onHost();
      const hosts = (await on("data", "docker service ps webui --filter desired-state=running --format '{{.Node}}'")).trim().split("\n");
      process.stderr.write(`web UIs before ${host} is lost: ${hosts.join(" ")}\n`);
      lostAt = Date.now();
      await power(host, false);
    };
    const load = await underLoad({ ...fleet(), edges: [edge, edge] }, 30, () => work(lose));

    assert.ok(load.failed === 0 || load.lastFailedAt < lostAt + DETECTION_MS, failuresOf(load, lostAt));
    await assertNumberedOnce(load);
    // Replicas that a rollout moved to the host when it was added are gone elsewhere.
    moved ??= await onHost();
    const lost = Object.entries(gone(earlier, await containerIds(others)));
    assert.deepEqual(
      lost.filter(([role, count]) => count > (moved?.get(role)?.length ?? 0)),
      [],
    );
  }

  /** A restart has ended before the last of the old replicas has stopped. */
  const untilSettled = () =>
    until("no old replica is stopping", async () => {
      const replicas = (await on("data", "docker service ls --format '{{.Replicas}}'")).matchAll(/\/(\d+)/g);
      const wanted = [...replicas].reduce((sum, [, count]) => sum + Number(count), 0);
      const running = fleet().lab.hosts.map(({ name }) =>
        on(name, "docker ps --quiet --filter label=com.docker.swarm.service.name | wc -l"),
      );
      return (await Promise.all(running)).reduce((sum, count) => sum + Number(count), 0) === wanted;
    });

  const failuresOf = ({ failed, lastFailedAt, failures }: LoadResult, lostAt: number) =>
    `${failed} failed, the last one ${lastFailedAt - lostAt} ms after the host was lost:\n${failures.join("\n")}`;

  async function removeDead(host: string): Promise<void> {
    const { code, stderr } = await orb("host", "remove", host, "--dead", "--stack", "lab", "--yes");
    assert.equal(code, 0, stderr);
    await untilWell();
    assert.doesNotMatch(await on("data", "docker node ls"), /Down/);
    await assertNoChange();
  }

  async function add(host: typeof WORK2 | typeof WORK3): Promise<void> {
    await changeConfig((config) => {
      const hosts = config["orbweaver:hosts"];
      return { ...config, "orbweaver:hosts": [...hosts, { ...hosts[1], ...host }] };
    });
    await up();
    await untilWell();
    await assertNoChange();
  }

  async function refusedUntilTrusted(host: string): Promise<void> {
    const refused = await orb("up", "--stack", "lab");
    assert.equal(refused.code, 78, refused.stderr);
    assert.match(refused.stderr, new RegExp(`run ./orb host trust ${host}`));
    const trusted = await orb("host", "trust", host, "--stack", "lab", "--yes");
    assert.equal(trusted.code, 0, trusted.stderr);
  }

  async function assertNoChange(): Promise<void> {
    const { changes } = await orbJson<Outcome>("up", "--stack", "lab");
    assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
  }
}
