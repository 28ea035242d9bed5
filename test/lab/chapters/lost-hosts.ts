import assert from "node:assert/strict";
import { test } from "node:test";
import { changeConfig, type Outcome, on, orb, orbJson, power, reinstall, untilWell } from "../../fixtures/lab-fleet.ts";
import type { Chapter } from "./chapter.ts";

/** Hosts that do not come back, and hosts that come back as others. */
export function lostHostsChapter({ options }: Chapter): void {
  const up = () => orbJson<Outcome>("up", "--stack", "lab", "--yes");

  test("without a worker host, scale goes on for the others and names it", options, async () => {
    await power("work2", false);
    const { code, stderr } = await orb("scale", "fetcher=3", "--stack", "lab");

    assert.equal(code, 0, stderr);
    assert.match(stderr, /work2 does not answer: what it has is left as it is\. .*\.\/orb host remove work2 --dead/);
  });

  test("a worker host that was installed again is let in once its key is trusted, and gets everything again", options, async () => {
    await reinstall("work2");
    await refusedUntilTrusted("work2");
    await up();
    await untilWell();

    await assertNoChange();
  });

  test("a bare host in the place of the data host makes the fleet healthy, empty of data", options, async () => {
    await reinstall("data");
    await refusedUntilTrusted("data");
    const began = Date.now();
    await up();
    await untilWell();
    process.stderr.write(`well ${(Date.now() - began) / 1_000} s after the data host was replaced\n`);

    await assertNoChange();
  });

  test("a worker host that is lost for good leaves swarm, state and config, and another can be added", options, async () => {
    await power("work2", false);
    const removed = await orb("host", "remove", "work2", "--dead", "--stack", "lab", "--yes");
    assert.equal(removed.code, 0, removed.stderr);
    await untilWell();
    assert.doesNotMatch(await on("data", "docker node ls"), /Down/);
    await assertNoChange();

    await reinstall("work2");
    const work2 = { name: "work2", address: "198.51.100.13", meshIp: "10.77.0.3", ssh: { user: "debian" } };
    await changeConfig((config) => {
      const hosts = config["orbweaver:hosts"];
      return { ...config, "orbweaver:hosts": [...hosts, { ...hosts[1], ...work2 }] };
    });
    await up();
    await untilWell();
    await assertNoChange();
  });

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
