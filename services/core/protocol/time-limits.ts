/** All timeouts, each larger than those it contains; test/unit/core/protocol/time-limits.test.ts checks the order. In milliseconds unless named otherwise. */
export const TIME_LIMITS = {
  /** pyspider's connect and page time-outs (docs/apis/self.crawl.md). */
  connectMs: 20_000,
  fetchMs: 120_000,
  /** Maximum time of a page, whatever its task sets: it occupies a fetcher's slot for as long. */
  longestFetchMs: 600_000,
  /** A page in the renderer. */
  renderMs: 120_000,
  /** A page's wait for a tab of the renderer, which is not part of its own limit. Longer waits fail this try. */
  renderQueueMs: 900_000,
  /** The fetcher waits for the renderer as long as for a tab and the page, and a second, as in pyspider. */
  renderAnswerExtraMs: 1_000,
  /** One callback (pyspider's processor option). */
  processMs: 30_000,
  /** A lease that its worker has not renewed for this long goes to another worker. */
  leaseMs: 15_000,
  /** Renewal: three tries fit in a lease. */
  leaseRenewMs: 4_000,
  /** The scheduler's own lease in Postgres; a standby takes over in under 5 s. */
  schedulerLeaseMs: 3_000,
  schedulerLeaseRenewMs: 1_000,
  standbyPollMs: 500,
  /** Postgres ends sessions that idle in a transaction for this long, because their locks would block a standby or other workers. */
  idleTransactionMs: 3_000,
  /** Of requests to our own servers: the head; the whole request with a body of up to 2 MiB; and the wait for the next one on a connection. */
  requestHeadMs: 10_000,
  requestMs: 60_000,
  keepAliveMs: 60_000,
  /** One statement of the web UI: users do not wait longer for a page, and there are few connections. */
  webuiStatementMs: 15_000,
  /** SIGTERM to exit: running fetches may take this long, the rest is released. */
  drainMs: 10_000,
  /** A task in flight for this long is dispatched again under a new attempt: the last resort. */
  inFlightMs: 3_600_000,
} as const;
