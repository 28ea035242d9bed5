/**
 * The bytes that every body may always have, even if the budget is used up: nearly all pages are smaller. So large, slow pages that hold the
 * budget for long delay only each other.
 */
export const FREE_BYTES = 256 * 1024;

/**
 * One budget of bytes for all bodies in a process.
 *
 * When the budget is used up, bodies wait in order of their requests. Bodies that all hold a part and wait for the rest could deadlock. So the
 * first body that has to wait becomes the leader and may exceed the budget; there is one leader until its bytes are released.
 */
export class BodyBudget {
  readonly #limitBytes: number;
  readonly #freeBytes: number;
  readonly #onGarbage: ((bytes: number) => void) | undefined;
  #usedBytes = 0;
  #leader: BudgetLease | undefined;
  #waiting: Waiter[] = [];

  constructor(limitBytes: number, { freeBytes = FREE_BYTES, onGarbage }: BodyBudgetOptions = {}) {
    this.#limitBytes = limitBytes;
    this.#freeBytes = freeBytes;
    this.#onGarbage = onGarbage;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A share of the budget for one page; the caller that opens it releases it. */
  open(): BudgetLease {
    let held = 0;
    const budgetLease: BudgetLease = {
      fits: (bytes) => held + bytes <= this.#freeBytes || this.#wouldGrant(budgetLease, bytes, this.#waiting.length === 0),
      take: (bytes) => {
        held += bytes;
        if (held <= this.#freeBytes) {
          this.#grant(bytes);
          return undefined;
        }
        if (this.#mayTake(budgetLease, bytes, this.#waiting.length === 0)) return undefined;
        held -= bytes;
        const { promise, resolve } = Promise.withResolvers<void>();
        const grant = () => {
          held += bytes;
          resolve();
        };
        this.#waiting.push({ budgetLease, bytes, grant });
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
        // Immediately, because bytes granted to it later would never be released.
        this.#waiting = this.#waiting.filter((waiter) => waiter.budgetLease !== budgetLease);
        if (bytes > this.#freeBytes && this.#onGarbage) setImmediate(() => this.#takeBackLarge(budgetLease, bytes));
        else this.#takeBack(budgetLease, bytes);
      },
    };
    return budgetLease;
  }

  #wouldGrant(budgetLease: BudgetLease, bytes: number, isNext: boolean): boolean {
    if (this.#leader === budgetLease) return true;
    return isNext && (this.#leader === undefined || this.#usedBytes + bytes <= this.#limitBytes);
  }

  #mayTake(budgetLease: BudgetLease, bytes: number, isNext: boolean): boolean {
    if (!this.#wouldGrant(budgetLease, bytes, isNext)) return false;
    if (this.#usedBytes + bytes > this.#limitBytes) this.#leader ??= budgetLease;
    this.#grant(bytes);
    return true;
  }

  #grant(bytes: number): void {
    this.#usedBytes += bytes;
    // A copy of the received bytes is kept.
    this.#onGarbage?.(bytes);
  }

  /** A large body leaves itself and the copy that was sent. Both are unreferenced now and count until they are collected. */
  #takeBackLarge(budgetLease: BudgetLease, bytes: number): void {
    this.#onGarbage?.(2 * bytes);
    this.#takeBack(budgetLease, bytes);
  }

  #takeBack(budgetLease: BudgetLease, bytes: number): void {
    this.#usedBytes -= bytes;
    if (this.#leader === budgetLease) this.#leader = undefined;
    this.#serve();
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next && this.#mayTake(next.budgetLease, next.bytes, true); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.grant();
    }
  }
}

export interface BodyBudgetOptions {
  /** The bytes that every body may always have. */
  freeBytes?: number;
  /** May collect garbage; called with the number of bytes whenever buffers are unreferenced, or are about to be. */
  onGarbage?: (bytes: number) => void;
}

export interface BudgetLease {
  /** Whether this many bytes would be granted immediately. */
  fits(bytes: number): boolean;
  /** Undefined: granted immediately. Otherwise wait for it (it never rejects; it never resolves once released). */
  take(bytes: number): Promise<void> | undefined;
  /** Releases a part: at most what was granted. */
  giveBack(bytes: number): void;
  /** Releases everything. */
  release(): void;
}

interface Waiter {
  budgetLease: BudgetLease;
  bytes: number;
  grant: () => void;
}
