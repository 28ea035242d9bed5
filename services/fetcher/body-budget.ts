/**
 * One budget of bytes for all bodies in a process.
 *
 * A body that finds the budget spent waits, the first to ask first. So that bodies which all hold a part and wait for the rest cannot block each
 * other, the first that has to wait becomes the leader and may pass the budget; there is one leader until its bytes are released.
 */
export class BodyBudget {
  readonly #limitBytes: number;
  #usedBytes = 0;
  #leader: Allowance | undefined;
  #waiting: Waiter[] = [];

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** A share of the budget for one page; whoever opens it releases it. */
  open(): Allowance {
    let held = 0;
    const allowance: Allowance = {
      take: (bytes) => {
        held += bytes;
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
      release: () => {
        this.#usedBytes -= held;
        held = 0;
        this.#forget(allowance);
      },
    };
    return allowance;
  }

  #mayTake(allowance: Allowance, bytes: number, isNext: boolean): boolean {
    const fits = isNext && this.#usedBytes + bytes <= this.#limitBytes;
    if (!fits && isNext) this.#leader ??= allowance;
    if (!fits && this.#leader !== allowance) return false;
    this.#usedBytes += bytes;
    return true;
  }

  #forget(allowance: Allowance): void {
    if (this.#leader === allowance) this.#leader = undefined;
    this.#waiting = this.#waiting.filter((waiter) => waiter.allowance !== allowance);
    for (let next = this.#waiting[0]; next && this.#mayTake(next.allowance, next.bytes, true); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.grant();
    }
  }
}

export interface Allowance {
  /** Undefined: granted at once. Otherwise wait for it (it never rejects; it never resolves once released). */
  take(bytes: number): Promise<void> | undefined;
  /** Gives everything back. */
  release(): void;
}

interface Waiter {
  allowance: Allowance;
  bytes: number;
  grant: () => void;
}
