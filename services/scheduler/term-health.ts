/** This many failed terms in a row are a real problem. */
const MAX_FAILURES = 3;
/** A scheduler does a round, or checks the lease, several times per second. */
const MAX_SILENCE_MS = 30_000;
/** A term counts as good after this time since the last failure: a repeated failure occurs in the first second. */
const HOLDS_MS = 5_000;
const REASON_LENGTH = 200;

/** Whether this scheduler's terms succeed. Times are of a monotonic clock. */
export class TermHealth {
  #failures = 0;
  #reason = "";
  #failedAtMs = 0;
  #workedAtMs: number;

  constructor(nowMs: number) {
    this.#workedAtMs = nowMs;
  }

  /** A round was done, or another scheduler holds the lease. */
  worked(nowMs: number): void {
    this.#workedAtMs = nowMs;
    if (nowMs - this.#failedAtMs >= HOLDS_MS) this.#failures = 0;
  }

  /** A term ended with an error, or could not begin. */
  failed(reason: string, nowMs: number): void {
    this.#failures++;
    this.#reason = reason.replaceAll(/\s+/g, " ").slice(0, REASON_LENGTH);
    this.#failedAtMs = nowMs;
  }

  /** @returns why it does not schedule, in one line; undefined while it does. */
  problem(nowMs: number): string | undefined {
    if (this.#failures >= MAX_FAILURES) return `scheduling failed ${this.#failures} times in a row: ${this.#reason}`;
    const silentMs = nowMs - this.#workedAtMs;
    if (silentMs < MAX_SILENCE_MS) return undefined;
    return `no round was done for ${Math.floor(silentMs / 1_000)} s${this.#failures > 0 ? `: ${this.#reason}` : ""}`;
  }
}
