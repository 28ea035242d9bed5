/** Executes a fault plan. */
import { setTimeout as delay } from "node:timers/promises";
import { TIME_LIMITS } from "../../services/core/protocol/time-limits.ts";
import { descendantsOf } from "../bench/process-tree.ts";
import type { PostgresServer } from "../fixtures/postgres-server.ts";
import type { RedisServer } from "../fixtures/redis-server.ts";
import type { RoleName, RoleProcess } from "../fixtures/role-processes.ts";
import type { SupervisedFleet } from "../fixtures/supervised-fleet.ts";
import type { Blow, Kill } from "./fault-plan.ts";

export interface Target {
  fleet: SupervisedFleet;
  redis: RedisServer;
  postgres: PostgresServer;
  /** Of the queues. */
  leaseMs: number;
  /** The process id of the scheduler that acts, if one does. */
  activeScheduler: () => Promise<number | undefined>;
}

/** How much longer than its lease a process is stopped. */
const BEYOND_LEASE_MS = 1_500;
/** How long a server stays away. */
const AWAY_MS = 500;

/** Resolves when it is over: the stopped go on, the server is back. */
export async function strike(blow: Blow, target: Target): Promise<void> {
  if (blow.kind === "stop") return stopFor(await chosenReplicas(blow, target), leaseMsOf(blow.role, target) + BEYOND_LEASE_MS);
  if (blow.kind === "postgres") return strikePostgres(blow.how, target.postgres);
  return strikeRedis(blow.how, target.redis);
}

const leaseMsOf = (role: RoleName, { leaseMs }: Target) => (role === "scheduler" ? TIME_LIMITS.schedulerLeaseMs : leaseMs);

async function chosenReplicas({ role, replicas }: Blow & { kind: "stop" }, { fleet, activeScheduler }: Target): Promise<RoleProcess[]> {
  const running = fleet.of(role);
  if (replicas === "all") return running;
  const active = role === "scheduler" ? await activeScheduler() : undefined;
  return running.filter(({ pid }, index) => (active === undefined ? index === 0 : pid === active));
}

async function stopFor(replicas: RoleProcess[], ms: number): Promise<void> {
  for (const replica of replicas) replica.signal("SIGSTOP");
  await delay(ms);
  for (const replica of replicas) replica.signal("SIGCONT");
}

async function strikePostgres(how: (Blow & { kind: "postgres" })["how"], postgres: PostgresServer): Promise<void> {
  await postgres.stop(how);
  await delay(AWAY_MS);
  await postgres.start();
}

async function strikeRedis(how: (Blow & { kind: "redis" })["how"], redis: RedisServer): Promise<void> {
  if (how === "empty") return redis.empty();
  if (how === "restart") return redis.restart();
  await redis.kill();
  await delay(AWAY_MS);
  await (how === "lose" ? redis.restartEmpty() : redis.restart());
}

/** Kills a process of the role; does nothing if none runs now. */
export function kill({ role, descendant, which }: Kill, { fleet }: Target): void {
  const replicas = fleet.of(role);
  const processes = descendant ? replicas.flatMap(({ pid }) => descendantsOf(pid)) : replicas.map(({ pid }) => pid);
  const pid = processes[Math.floor(which * processes.length)];
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
