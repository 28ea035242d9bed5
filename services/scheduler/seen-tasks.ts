import { randomBytes } from "node:crypto";
import xxhash from "xxhash-wasm";
import type { Follow } from "../core/protocol/task.ts";

const { h64 } = await xxhash();

/** Candidate slots of each task. */
const WAYS = 8;
/** 3 MiB. A slot stores a hash without its lowest 16 bits, which its bucket implies: so there are at least as many buckets. */
const FIRST_SLOTS = 2 ** 16 * WAYS;
/** Load limit, of all slots. At it each bucket was the choice of 8.2 tasks on average (Poisson), and 58 % are full: most new tasks would evict another. */
const FULL = 7 / 8;

/** What is stored of a request that was taken in: an equal request changes nothing, another one for the same task may have to be counted. */
export const requestKey = ({ taskid, process, fetch }: Pick<Follow, "taskid" | "process" | "fetch">): string =>
  `${taskid} ${process.callback} ${fetch?.fetchType ?? ""}`;

/** A task's hash: its upper 32 bits, the 16 below, and all lower 32. */
interface Hash {
  high: number;
  middle: number;
  low: number;
}

/**
 * Tasks that are known to exist, so that the many links to known pages need no look-up. An evicted task costs one look-up. An entry is a task's id,
 * or for requests of this term `requestKey`.
 *
 * Stores 6 bytes per task, its id's XXH64 seeded by project. A new task is mistaken for one of n others with a probability of n / 2^64, which is
 * 9e-13 if n is 16 million. Memory grows with the number of tasks, up to the limit. In a full bucket a new task evicts another: one in a hundred is lost
 * that way while there is room.
 */
export class SeenTasks {
  readonly #mostSlots: number;
  #high = new Uint32Array(FIRST_SLOTS);
  #middle = new Uint16Array(FIRST_SLOTS);
  #used = 0;
  readonly #seeds = new Map<string, bigint>();

  /** @param mostSlots 6 bytes each; a power of two, 2^19 at least. */
  constructor(mostSlots: number) {
    this.#mostSlots = mostSlots;
  }

  /** True if more than half of new tasks would evict another. */
  get isFull(): boolean {
    return this.#used > this.#mostSlots * FULL;
  }

  has(project: string, taskid: string): boolean {
    const seed = this.#seeds.get(project);
    if (seed === undefined) return false;
    const hash = hashOf(taskid, seed);
    const start = this.#bucketOf(hash.low);
    for (let slot = start; slot < start + WAYS; slot++) if (this.#isAt(slot, hash)) return true;
    return false;
  }

  add(project: string, taskid: string): void {
    let seed = this.#seeds.get(project);
    if (seed === undefined) {
      seed = randomBytes(8).readBigUInt64LE();
      this.#seeds.set(project, seed);
    }
    this.#put(hashOf(taskid, seed));
    if (this.#used > this.#high.length / 2 && this.#high.length < this.#mostSlots) this.#grow();
  }

  /** Needed when tasks of a project are deleted. */
  forget(project: string): void {
    this.#seeds.delete(project);
  }

  #bucketOf(low: number): number {
    return (low % (this.#high.length / WAYS)) * WAYS;
  }

  #isAt(slot: number, { high, middle }: Hash): boolean {
    return this.#high[slot] === high && this.#middle[slot] === middle;
  }

  #isFree(slot: number): boolean {
    return this.#high[slot] === 0 && this.#middle[slot] === 0;
  }

  #put(hash: Hash): void {
    const start = this.#bucketOf(hash.low);
    let slot = start;
    for (; slot < start + WAYS; slot++) {
      if (this.#isAt(slot, hash)) return;
      if (!this.#isFree(slot)) continue;
      this.#used++;
      break;
    }
    // In a full bucket, the highest bits choose which task is evicted.
    if (slot === start + WAYS) slot = start + (hash.high >>> 29);
    this.#high[slot] = hash.high;
    this.#middle[slot] = hash.middle;
  }

  #grow(): void {
    const [highs, middles] = [this.#high, this.#middle];
    this.#high = new Uint32Array(highs.length * 2);
    this.#middle = new Uint16Array(highs.length * 2);
    this.#used = 0;
    for (const [slot, high] of highs.entries()) {
      const middle = middles[slot] ?? 0;
      if (high === 0 && middle === 0) continue;
      const low = middle * 2 ** 16 + (Math.floor(slot / WAYS) % 2 ** 16);
      this.#put({ high, middle, low });
    }
  }
}

function hashOf(taskid: string, seed: bigint): Hash {
  const hash = h64(taskid, seed);
  const low = Number(BigInt.asUintN(32, hash));
  return { high: Number(hash >> 32n), middle: low >>> 16, low };
}
