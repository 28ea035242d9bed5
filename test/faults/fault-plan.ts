/** What strikes a crawl, drawn from a seed: the same seed strikes the same things in the same order. */
import { createRandom } from "../fixtures/random.ts";
import type { RoleName } from "../fixtures/role-processes.ts";

/** One role is stopped (SIGSTOP, later SIGCONT) for longer than its lease; a server ends and comes back. */
export type Blow =
  | { kind: "stop"; role: RoleName; replicas: "one" | "all" }
  | { kind: "redis"; how: (typeof REDIS_ENDS)[number] }
  | { kind: "postgres"; how: (typeof POSTGRES_ENDS)[number] };

/** A process is killed with SIGKILL: one of the role's own, or one that it has started (a sandbox child, Chromium). */
export interface Kill {
  role: RoleName;
  descendant: boolean;
  /** Chooses among the processes that there are then: from 0 to below 1. */
  which: number;
}

/** `at`: the share of the site's pages that are stored by then. */
export type Timed<T> = T & { at: number };

/** Both in the order in which they strike; kills and blows overlap. */
export interface FaultPlan {
  blows: Timed<Blow>[];
  kills: Timed<Kill>[];
}

/** `empty`: FLUSHALL. `lose`: killed, and started again without its data. */
export const REDIS_ENDS = ["restart", "kill", "empty", "lose"] as const;
/** `fast`: SIGINT. `immediate`: SIGQUIT. `kill`: SIGKILL. */
export const POSTGRES_ENDS = ["fast", "immediate", "kill"] as const;

/** The first fault comes when tasks are running, the last while there is still enough to do. */
const FIRST = 0.03;
const LAST = 0.9;
const DESCENDANTS = 0.25;

/**
 * Each blow once, in an order of the seed's own, evenly spread over the crawl; and each role's processes killed `killsARole` times, at
 * moments of the seed's own.
 */
export function drawFaults(seed: number, roles: readonly RoleName[], killsARole: number): FaultPlan {
  const random = createRandom(seed);
  const blows: Blow[] = random.shuffle([
    ...roles.map((role) => ({ kind: "stop" as const, role, replicas: random.pick(["one", "all"] as const) })),
    ...REDIS_ENDS.map((how) => ({ kind: "redis" as const, how })),
    ...POSTGRES_ENDS.map((how) => ({ kind: "postgres" as const, how })),
  ]);
  const kills = roles.flatMap((role) =>
    Array.from({ length: killsARole }, () => ({
      at: FIRST + random.next() * (LAST - FIRST),
      ...{ role, descendant: random.next() < DESCENDANTS, which: random.next() },
    })),
  );
  const gap = (LAST - FIRST) / (blows.length - 1);
  return { blows: blows.map((blow, index) => ({ ...blow, at: FIRST + index * gap })), kills: kills.sort((a, b) => a.at - b.at) };
}

/** As a line of a log. */
export function describeBlow(blow: Blow): string {
  if (blow.kind === "stop") return `${blow.replicas} of ${blow.role} stopped`;
  return `${blow.kind} ${blow.how}`;
}
