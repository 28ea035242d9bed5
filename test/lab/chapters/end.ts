import assert from "node:assert/strict";
import { test } from "node:test";
import { succeeds } from "../../../lab/command.ts";
import { inDatabase, type Outcome, on, orb, orbJson, untilWell } from "../../fixtures/lab-fleet.ts";
import { until } from "../../fixtures/until.ts";
import type { Chapter } from "./chapter.ts";

/** What stays of a fleet that is taken away, and of the lab: nothing but what is asked for. */
export function endChapter({ fleet, options }: Chapter, long: Chapter): void {
  const containers = async () => {
    const lists = await Promise.all(
      fleet().lab.hosts.map(({ name }) => on(name, "docker ps -aq; docker network ls -q --filter name=orbweaver")),
    );
    return lists.join("");
  };

  /** Replicas that were told to stop have their grace. */
  const untilNothingIsLeft = () => until("no container and no network is left", async () => (await containers()) === "", 60_000);

  test("destroy removes all containers and networks and keeps the data; another up continues with it", long.options, async () => {
    const rows = await inDatabase("select count(*) from results");
    const { changes } = await orbJson<Outcome>("destroy", "--stack", "lab");
    assert.ok(changes.delete > 50);
    await untilNothingIsLeft();

    await orbJson<Outcome>("up", "--stack", "lab");
    await untilWell();

    assert.equal(await inDatabase("select count(*) from results"), rows);
  });

  test("destroy with --delete-data also deletes the data", options, async () => {
    await orbJson<Outcome>("destroy", "--stack", "lab", "--delete-data", "--yes");

    await untilNothingIsLeft();
    assert.equal(await on("data", "ls -A /data/orbweaver 2>/dev/null || true"), "");
  });

  test("down removes every container, network, namespace, mount and process", options, async () => {
    const { code } = await orb("lab", "down");

    assert.equal(code, 0);
    assert.equal(await succeeds(["test", "-e", "/run/netns/orbweaver-lab"]), false);
    assert.equal(await succeeds(["pgrep", "-f", "orbweaver-lab.sock"]), false);
    assert.equal(await succeeds(["grep", "-q", "orbweaver/lab", "/proc/self/mounts"]), false);
  });
}
