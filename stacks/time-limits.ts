import { DEBUG_REQUEST_MS } from "../services/core/protocol/debug-step.ts";
import { TIME_LIMITS } from "../services/core/protocol/time-limits.ts";

const { requestHeadMs, drainMs, inFlightMs } = TIME_LIMITS;
/** Margin between two parties that wait for each other. */
const MARGIN_MS = 5_000;

/**
 * Timeouts of the fleet, each larger than those it contains; test/unit/stacks/time-limits.test.ts checks the order. In milliseconds. Checks and TCP
 * probes detect a lost host long before any timeout for answers.
 */
export const FLEET_TIME_LIMITS = {
  /** From balancer to replica, or edge to balancer: a lost SYN packet is sent again after one second. */
  connectMs: 2_000,
  /** Checks that act in under a second, with `checkAnswerMs` for a replica on a busy host. */
  checkIntervalMs: 300,
  checkAnswerMs: 1_000,
  /** Maximum silence of a replica before an answer. Fetcher and renderer: as long as a task may be in flight, since its own limit is shorter. */
  answerMs: { renderer: inFlightMs + MARGIN_MS, fetcher: inFlightMs + MARGIN_MS, webui: DEBUG_REQUEST_MS + MARGIN_MS },
  /** The edge waits for the balancer's answer. */
  edgeAnswerMs: DEBUG_REQUEST_MS + 2 * MARGIN_MS,
  /** The head of a request, from any client. */
  requestHeadMs,
  /** An idle connection of a client. */
  keepAliveMs: 30_000,
  /** From SIGTERM to SIGKILL of a role's container. */
  stopGraceMs: drainMs + MARGIN_MS,
} as const;
