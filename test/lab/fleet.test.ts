/** From three bare hosts to a fleet that crawls, and everything that may happen to it: one lab, one story. */
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { findProgram } from "../../lab/command.ts";
import { readLab } from "../../lab/lab.ts";
import { type LabFleet, type Outcome, openLabFleet, orb, orbJson } from "../fixtures/lab-fleet.ts";
import { labSkipReason } from "../fixtures/lab-machine.ts";
import { changesUnderLoadChapter } from "./chapters/changes-under-load.ts";
import type { Chapter } from "./chapters/chapter.ts";
import { crawlChapter } from "./chapters/crawl.ts";
import { dayToDayChapter } from "./chapters/day-to-day.ts";
import { driftChapter } from "./chapters/drift.ts";
import { endChapter } from "./chapters/end.ts";
import { faultsChapter } from "./chapters/faults.ts";
import { lostHostsChapter } from "./chapters/lost-hosts.ts";
import { refusalsChapter } from "./chapters/refusals.ts";
import { tlsChapter } from "./chapters/tls.ts";
import { wallsChapter } from "./chapters/walls.ts";

const hasEngine = (await findProgram("pulumi")) !== undefined || (await findProgram("go")) !== undefined;
const skip =
  (await labSkipReason()) ?? ((await readLab()) ? "a lab is up on this machine" : !hasEngine && "neither pulumi nor go is on this machine");
let fleet: LabFleet;

before(
  async () => {
    if (skip !== false) return;
    const outcome = await orbJson<Outcome>("lab", "up");
    assert.ok(outcome.changes.create > 50 && outcome.changes.delete === 0, JSON.stringify(outcome));
    fleet = await openLabFleet();
    assert.equal(outcome.edge, fleet.edges[0]);
  },
  { timeout: 2_400_000 },
);
after(async () => {
  if (skip === false) await orb("lab", "down");
});

const chapter: Chapter = { fleet: () => fleet, options: { skip, timeout: 900_000 } };
/** For what takes many minutes of its own. */
const long: Chapter = {
  ...chapter,
  options: { ...chapter.options, skip: process.env.TEST_LONG === "1" ? skip : "takes long: ./orb test --all --long" },
};
crawlChapter(chapter);
dayToDayChapter(chapter, long);
refusalsChapter(chapter);
wallsChapter(chapter);
changesUnderLoadChapter(chapter, long);
driftChapter(chapter);
tlsChapter(chapter, long);
faultsChapter(long);
lostHostsChapter(long);
endChapter(chapter, long);
