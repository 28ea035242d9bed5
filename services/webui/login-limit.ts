import { createHash } from "node:crypto";

/** Enough for typing errors; hopeless for guessing. */
export const MAX_FAILED_LOGINS = 10;
const WINDOW_MS = 60_000;
/** Beyond so many addresses in one window this is an attack from a network, and the map must not grow with it. */
const MAX_ADDRESSES = 10_000;

export interface LoginLimitOptions {
  /** Whether an attack from a network keeps everybody out: people can log in later, programs have work to do. */
  closesUnderAttack: boolean;
}

/** Counts wrong tokens by address, in windows of a minute; one that comes again is no new guess, such as that of a program which knows an old one. */
export class LoginLimit {
  readonly #closesUnderAttack: boolean;
  #window = 0;
  #failures = new Map<string, { count: number; last: string }>();

  constructor({ closesUnderAttack }: LoginLimitOptions) {
    this.#closesUnderAttack = closesUnderAttack;
  }

  /** Whether `address` may try (again). */
  allows(address: string, nowMs: number): boolean {
    this.#turn(nowMs);
    if (this.#closesUnderAttack && this.#failures.size >= MAX_ADDRESSES) return false;
    return (this.#failures.get(address)?.count ?? 0) < MAX_FAILED_LOGINS;
  }

  countFailure(address: string, token: string, nowMs: number): void {
    this.#turn(nowMs);
    const last = createHash("sha256").update(token).digest("base64");
    const known = this.#failures.get(address);
    if (known?.last === last || (!known && this.#failures.size >= MAX_ADDRESSES)) return;
    this.#failures.set(address, { count: (known?.count ?? 0) + 1, last });
  }

  #turn(nowMs: number): void {
    const window = Math.floor(nowMs / WINDOW_MS);
    if (window === this.#window) return;
    this.#window = window;
    this.#failures.clear();
  }
}
