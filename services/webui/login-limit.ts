/** Enough for typing errors; hopeless for guessing. */
export const MAX_FAILED_LOGINS = 10;
const WINDOW_MS = 60_000;
/** Beyond so many addresses in one window this is an attack from a network, and the map must not grow with it. */
const MAX_ADDRESSES = 10_000;

/** Counts wrong tokens by address, in windows of a minute. */
export class LoginLimit {
  #window = 0;
  #failures = new Map<string, number>();

  /** Whether `address` may try (again). */
  allows(address: string, nowMs: number): boolean {
    this.#turn(nowMs);
    return (this.#failures.get(address) ?? 0) < MAX_FAILED_LOGINS && this.#failures.size < MAX_ADDRESSES;
  }

  countFailure(address: string, nowMs: number): void {
    this.#turn(nowMs);
    this.#failures.set(address, (this.#failures.get(address) ?? 0) + 1);
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS);
    if (window === this.#window) return;
    this.#window = window;
    this.#failures.clear();
  }
}
