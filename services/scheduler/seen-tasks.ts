import { randomBytes } from "node:crypto";
import xxhash from "xxhash-wasm";

const { h64 } = await xxhash();

/** Slots of which each task may have any one. */
const WAYS = 8;
/** 3 MiB. A slot keeps all of a hash but its lowest 16 bits, which its bucket tells: so there are as many buckets at least. */
const FIRST_SLOTS = 2 ** 16 * WAYS;
/** Of all slots. Then 8.2 tasks on average wanted a place in each bucket (Poisson), and 58 % of the buckets are full: a newcomer rather takes another's. */
const FULL = 7 / 8;

/** A task's hash: its upper 32 bits, the 16 below, and all lower 32. */
interface Hash {
  high: number;
  middle: number;
  low: number;
}

/**
 * Tasks that are known to exist, so that the many links to pages met before cost no look-up. A task that is forgotten costs one, and nothing else.
 *
 * Keeps 6 bytes a task, its id's XXH64 with a seed of its project: a new task is taken for one of n others with a probability of n / 2^64, which is
 * 9e-13 where n is 16 million. Memory grows with what is known, up to the limit. In a full bucket a new task takes the place of another: one of a hundred
 * is lost that way while there is room.
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

  /** True when more newcomers than not would take another's place. */
  get isFull(): boolean {
    return this.#used > this.#mostSlots * FULL;
  }

  has(project: string, taskid: string): boolean {
    const hash = this.#hash(project, taskid);
    const start = this.#bucketOf(hash.low);
    for (let slot = start; slot < start + WAYS; slot++) if (this.#isAt(slot, hash)) return true;
    return false;
  }

  add(project: string, taskid: string): void {
    this.#put(this.#hash(project, taskid));
    if (this.#used > this.#high.length / 2 && this.#high.length < this.#mostSlots) this.#grow();
  }

  /** Needed when tasks of a project are deleted. */
  forget(project: string): void {
    this.#seeds.delete(project);
  }

  #hash(project: string, taskid: string): Hash {
    let seed = this.#seeds.get(project);
    if (seed === undefined) {
      seed = randomBytes(8).readBigUInt64LE();
      this.#seeds.set(project, seed);
    }
    const hash = h64(taskid, seed);
    const low = Number(BigInt.asUintN(32, hash));
    return { high: Number(hash >> 32n), middle: low >>> 16, low };
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
    // Of a full bucket, the highest bits choose which is given away.
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
