/** Why nothing of a project runs: one sentence, and what to do. Pure. */
import type { QueueDepth, QueueName } from "../core/queue/queue.ts";
import type { HealthFacts } from "./store/health-facts.ts";

/** `runs`: pages are crawled; `waits`: they will be, by themselves; `ended`: all tasks have ended; `stopped`: a person has to act. */
export type HealthState = "runs" | "waits" | "ended" | "stopped";

/** What helps; a program can do it with the API. */
export type HealthRemedy = "setRunning" | "raiseRate" | "run" | "editScript";

export interface Health {
  state: HealthState;
  /** One sentence. */
  reason: string;
  remedy?: HealthRemedy;
}

/** The role that takes each queue's messages. */
const WORKERS: [QueueName, worker: string][] = [
  ["scheduler2fetcher", "fetcher"],
  ["fetcher2processor", "processor"],
  ["processor2result", "result-worker"],
];

/** @param now unix seconds. */
export function explainHealth(facts: HealthFacts, depths: Record<QueueName, QueueDepth>, now: number): Health {
  return stopped(facts) ?? missing(facts, depths) ?? moving(facts, now);
}

/** What a person has decided or has to fix. */
function stopped({ hasScheduler, status, rate, scriptError, loginProblem, pending, ended }: HealthFacts): Health | undefined {
  if (status === "TODO") return { state: "stopped", reason: "The project was never started.", remedy: "setRunning" };
  if (status === "STOP") return { state: "stopped", reason: "The project is stopped.", remedy: "setRunning" };
  if (status === "CHECKING")
    return { state: "stopped", reason: "The script was changed while the project ran: check it, then let it run.", remedy: "setRunning" };
  if (scriptError)
    return {
      state: "stopped",
      reason: `Nothing runs: the script fails as soon as it is loaded. ${scriptError.message}`,
      remedy: "editScript",
    };
  if (loginProblem !== null)
    return {
      state: "stopped",
      reason: `Only the login runs, and it failed three times; it is tried again within 10 min. ${loginProblem}`,
      remedy: "editScript",
    };
  if (rate === 0) return { state: "stopped", reason: "The project's rate is 0 pages a second.", remedy: "raiseRate" };
  if (!hasScheduler) return { state: "stopped", reason: "No scheduler is running. Start one, or see ./orb status." };
  if (pending + ended === 0) return { state: "stopped", reason: "The project has no tasks yet.", remedy: "run" };
  return undefined;
}

/** A role of which no process is running. A worker holds what it works on. */
function missing({ hasInFlight }: HealthFacts, depths: Record<QueueName, QueueDepth>): Health | undefined {
  const [, worker] = WORKERS.find(([queue]) => depths[queue].ready > 0 && depths[queue].leased === 0) ?? [];
  if (!hasInFlight || worker === undefined) return undefined;
  return { state: "stopped", reason: `No ${worker} is taking work. Start one, or see ./orb status.` };
}

function moving({ pausedUntil, hasInFlight, hasDue, hostOpensAt, nextAt, isRetry, rate, pending }: HealthFacts, now: number): Health {
  if (pausedUntil > now)
    return {
      state: "waits",
      reason: `The project is paused for ${secondsText(pausedUntil - now)}, because too many tasks in a row failed. The failed tasks say why.`,
    };
  if (hasInFlight) return { state: "runs", reason: "Pages are being crawled." };
  if (hasDue) return { state: "runs", reason: `The next page starts within its rate of ${rate} a second.` };
  if (hostOpensAt !== null)
    return {
      state: "waits",
      reason: `Its hosts may be asked again ${inText(hostOpensAt, now)} (hostDelay, hostConcurrency, the site's own crawl delay, or because it refused pages).`,
    };
  if (nextAt !== null) return { state: "waits", reason: `The next task ${isRetry ? "is tried again" : "is due"} ${inText(nextAt, now)}.` };
  if (pending > 0) return { state: "waits", reason: "Its tasks are due at later times." };
  return { state: "ended", reason: "All tasks have ended.", remedy: "run" };
}

const inText = (time: number, now: number) => (time <= now ? "now" : `in ${secondsText(time - now)}`);

/** `45 s`, `12 min`, `3 h`, `2 d`, rounded up. */
function secondsText(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7_200) return `${Math.ceil(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.ceil(seconds / 3_600)} h`;
  return `${Math.ceil(seconds / 86_400)} d`;
}
