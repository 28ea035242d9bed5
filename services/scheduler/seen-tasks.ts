import { randomBytes } from "node:crypto";
import xxhash from "xxhash-wasm";

const { h64 } = await xxhash();

/** 64 KiB. */
const FIRST_SLOTS = 2 ** 13;
/** Slots of which each task may have any one. */
const WAYS = 8;
/** Which slot of a full bucket is given away: the highest bits choose the way, the lowest the bucket. */
const WAY_SHIFT = 61n;

/**
 * Tasks that are known to exist, so that the many links to pages met before cost no look-up. A task that is forgotten costs one, and nothing else.
 *
 * Keeps 8 bytes a task, its id's XXH64 with a seed of its project: a new task is taken for one of n others with a probability of n / 2^64, which is
 * 5e-13 where n is 8 million. Memory grows with what is known, up to the limit. In a full bucket a new task takes the place of another: one of a hundred
 * is lost that way while there is room.
 */
export class SeenTasks {
  readonly #mostSlots: number;
  #slots = new BigUint64Array(FIRST_SLOTS);
  #used = 0;
  readonly #seeds = new Map<string, bigint>();

  /** @param mostSlots 8 bytes each; a power of two, 8,192 at least. */
  constructor(mostSlots: number) {
    this.#mostSlots = mostSlots;
  }

  has(project: string, taskid: string): boolean {
    const hash = this.#hash(project, taskid);
    const start = this.#bucketOf(hash);
    for (let slot = start; slot < start + WAYS; slot++) if (this.#slots[slot] === hash) return true;
    return false;
  }

  add(project: string, taskid: string): void {
    this.#put(this.#hash(project, taskid));
    if (this.#used > this.#slots.length / 2 && this.#slots.length < this.#mostSlots) this.#grow();
  }

  /** Needed when tasks of a project are deleted. */
  forget(project: string): void {
    this.#seeds.delete(project);
  }

  #hash(project: string, taskid: string): bigint {
    let seed = this.#seeds.get(project);
    if (seed === undefined) {
      seed = randomBytes(8).readBigUInt64LE();
      this.#seeds.set(project, seed);
    }
    return h64(taskid, seed);
  }

  #bucketOf(hash: bigint): number {
    return (Number(BigInt.asUintN(32, hash)) % (this.#slots.length / WAYS)) * WAYS;
  }

  #put(hash: bigint): void {
    const start = this.#bucketOf(hash);
    for (let slot = start; slot < start + WAYS; slot++) {
      if (this.#slots[slot] === hash) return;
      if (this.#slots[slot] !== 0n) continue;
      this.#slots[slot] = hash;
      this.#used++;
      return;
    }
    this.#slots[start + Number(hash >> WAY_SHIFT)] = hash;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new BigUint64Array(before.length * 2);
    this.#used = 0;
    for (const hash of before) if (hash !== 0n) this.#put(hash);
  }
}
