/** All time-outs, each larger than what it contains; test/unit/core/time-limits.test.ts holds the order. In milliseconds unless named otherwise. */
export const TIME_LIMITS = {
  /** pyspider's connect and page time-outs (docs/apis/self.crawl.md). */
  connectMs: 20_000,
  fetchMs: 120_000,
  /** No page may take longer, whatever its task asks for: a fetcher's place is held as long. */
  longestFetchMs: 600_000,
  /** A page in the renderer. */
  renderMs: 120_000,
  /** The fetcher's wait for the renderer: the page's own limit and a second, as pyspider has it. */
  renderAnswerExtraMs: 1_000,
  /** One callback (pyspider's processor option). */
  processMs: 30_000,
  /** A lease whose worker has not renewed it for so long goes to another. */
  leaseMs: 15_000,
  /** Renewal: three tries fit in a lease. */
  leaseRenewMs: 4_000,
  /** The scheduler's own lease in Postgres; a standby takes over in under 5 s. */
  schedulerLeaseMs: 3_000,
  schedulerLeaseRenewMs: 1_000,
  standbyPollMs: 500,
  /** Postgres ends a session that keeps a transaction open and says nothing for so long: its locks would keep a standby, or other workers, waiting. */
  idleTransactionMs: 3_000,
  /** SIGTERM to exit: what is being fetched may take this long, the rest is released. */
  drainMs: 10_000,
  /** A task in flight for so long is put again under a new attempt: the last resort when everything else failed. */
  inFlightMs: 3_600_000,
} as const;
