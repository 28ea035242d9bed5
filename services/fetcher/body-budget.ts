/**
 * What every body may have at once, however little is left: nearly all pages are smaller. So pages that are large and slow, and hold the budget for as
 * long as they like, keep only each other waiting.
 */
export const FREE_BYTES = 256 * 1024;

/**
 * One budget of bytes for all bodies in a process.
 *
 * A body that finds the budget spent waits, the first to ask first. So that bodies which all hold a part and wait for the rest cannot block each
 * other, the first that has to wait becomes the leader and may pass the budget; there is one leader until its bytes are released.
 */
export class BodyBudget {
  readonly #limitBytes: number;
  readonly #freeBytes: number;
  readonly #onGarbage: ((bytes: number) => void) | undefined;
  #usedBytes = 0;
  #leader: Allowance | undefined;
  #waiting: Waiter[] = [];

  constructor(limitBytes: number, { freeBytes = FREE_BYTES, onGarbage }: BodyBudgetOptions = {}) {
    this.#limitBytes = limitBytes;
    this.#freeBytes = freeBytes;
    this.#onGarbage = onGarbage;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A share of the budget for one page; whoever opens it releases it. */
  open(): Allowance {
    let held = 0;
    const allowance: Allowance = {
      fits: (bytes) => held + bytes <= this.#freeBytes || this.#wouldGrant(allowance, bytes, this.#waiting.length === 0),
      take: (bytes) => {
        held += bytes;
        if (held <= this.#freeBytes) {
          this.#grant(bytes);
          return undefined;
        }
        if (this.#mayTake(allowance, bytes, this.#waiting.length === 0)) return undefined;
        held -= bytes;
        const { promise, resolve } = Promise.withResolvers<void>();
        const grant = () => {
          held += bytes;
          resolve();
        };
        this.#waiting.push({ allowance, bytes, grant });
        return promise;
      },
      giveBack: (bytes) => {
        held -= bytes;
        this.#usedBytes -= bytes;
        this.#serve();
      },
      release: () => {
        const bytes = held;
        held = 0;
        // At once: what is granted to it from now on nobody would give back.
        this.#waiting = this.#waiting.filter((waiter) => waiter.allowance !== allowance);
        if (bytes > this.#freeBytes && this.#onGarbage) setImmediate(() => this.#takeBackLarge(allowance, bytes));
        else this.#takeBack(allowance, bytes);
      },
    };
    return allowance;
  }

  #wouldGrant(allowance: Allowance, bytes: number, isNext: boolean): boolean {
    if (this.#leader === allowance) return true;
    return isNext && (this.#leader === undefined || this.#usedBytes + bytes <= this.#limitBytes);
  }

  #mayTake(allowance: Allowance, bytes: number, isNext: boolean): boolean {
    if (!this.#wouldGrant(allowance, bytes, isNext)) return false;
    if (this.#usedBytes + bytes > this.#limitBytes) this.#leader ??= allowance;
    this.#grant(bytes);
    return true;
  }

  #grant(bytes: number): void {
    this.#usedBytes += bytes;
    // Of what comes, a copy is kept.
    this.#onGarbage?.(bytes);
  }

  /** A large body leaves itself and the copy that was sent. Nobody refers to them now; they count until they are collected. */
  #takeBackLarge(allowance: Allowance, bytes: number): void {
    this.#onGarbage?.(2 * bytes);
    this.#takeBack(allowance, bytes);
  }

  #takeBack(allowance: Allowance, bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#leader === allowance) this.#leader = undefined;
    this.#serve();
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next && this.#mayTake(next.allowance, next.bytes, true); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.grant();
    }
  }
}

export interface BodyBudgetOptions {
  /** What every body may have at once. */
  freeBytes?: number;
  /** Collects garbage at its discretion; called with the number of bytes whenever buffers die, or are about to. */
  onGarbage?: (bytes: number) => void;
}

export interface Allowance {
  /** Whether so much would be granted at once. */
  fits(bytes: number): boolean;
  /** Undefined: granted at once. Otherwise wait for it (it never rejects; it never resolves once released). */
  take(bytes: number): Promise<void> | undefined;
  /** Gives a part back: no more than was granted. */
  giveBack(bytes: number): void;
  /** Gives everything back. */
  release(): void;
}

interface Waiter {
  allowance: Allowance;
  bytes: number;
  grant: () => void;
}
