import { before } from "node:test";
import { type LabFleet, openLabFleet } from "../fixtures/lab-fleet.ts";
import { crawlChapter } from "./chapters/crawl.ts";
import { dayToDayChapter } from "./chapters/day-to-day.ts";
import { driftChapter } from "./chapters/drift.ts";
import { lostHostsChapter } from "./chapters/lost-hosts.ts";
import { wallsChapter } from "./chapters/walls.ts";

let fleet: LabFleet;
before(async () => {
  fleet = await openLabFleet();
});
const chapter = { fleet: () => fleet, options: { skip: false as const, timeout: 900_000 } };
const W = (process.env.CH ?? "").split(",");
if (W.includes("crawl")) crawlChapter(chapter);
if (W.includes("day")) dayToDayChapter(chapter);
if (W.includes("walls")) wallsChapter(chapter);
if (W.includes("drift")) driftChapter(chapter);
if (W.includes("lost")) lostHostsChapter(chapter);
