import { TIME_LIMITS } from "../services/core/time-limits.ts";

const { connectMs, fetchMs, renderAnswerExtraMs, processMs, drainMs, inFlightMs } = TIME_LIMITS;
/** For what passes between two parties that both wait. */
const MARGIN_MS = 5_000;
/** What a script may do before its page is shown: one fetch, one callback. */
const DEBUG_MS = connectMs + fetchMs + renderAnswerExtraMs + processMs;

/**
 * Time-outs of the fleet, each larger than what it contains; test/unit/stacks/time-limits.test.ts holds the order. In milliseconds. A host that
 * is gone is noticed by checks and TCP probes long before any of those for answers.
 */
export const FLEET_TIME_LIMITS = {
  /** From balancer to replica, or edge to balancer: a lost SYN packet is sent again after one second. */
  connectMs: 2_000,
  /** Checks that act in under a second, with `checkAnswerMs` for a replica on a busy host. */
  checkIntervalMs: 300,
  checkAnswerMs: 1_000,
  /** How long a replica may be silent before an answer. Fetcher and renderer: as long as a task may be in flight, since its own limit is shorter. */
  answerMs: { renderer: inFlightMs + MARGIN_MS, fetcher: inFlightMs + MARGIN_MS, webui: DEBUG_MS + MARGIN_MS },
  /** The edge waits for the balancer's answer. */
  edgeAnswerMs: DEBUG_MS + 2 * MARGIN_MS,
  /** The head of a request, from whoever sends it. */
  requestHeadMs: 10_000,
  /** An idle connection of a client. */
  keepAliveMs: 30_000,
  /** From SIGTERM to SIGKILL of a role's container. */
  stopGraceMs: drainMs + MARGIN_MS,
} as const;
