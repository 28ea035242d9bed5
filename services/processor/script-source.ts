import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { Queues } from "../core/queue/queue.ts";
import { MAX_SCRIPT_BYTES } from "../core/queue/queue.ts";
import { ScriptHashError } from "./errors.ts";

/** In a container of 256 MiB; two of the largest scripts, or hundreds of usual ones. */
const MAX_KEPT = 64;
const MAX_KEPT_BYTES = 2 * MAX_SCRIPT_BYTES;
const POLL_MS = 200;

/** How long to wait for a script: the scheduler stores it before its tasks, but a queue server that was emptied gets both again. */
export const SCRIPT_WAIT_MS = 5_000;

/** Compiled scripts by hash: the most recently used are kept, others are read from the queue server and checked. */
export class ScriptSource {
  readonly #queues: Pick<Queues, "getScript">;
  readonly #kept = new LRUCache<string, string>({ max: MAX_KEPT, maxSize: MAX_KEPT_BYTES, sizeCalculation: sizeOf });
  readonly #awaited = new Map<string, Promise<string | undefined>>();

  constructor(queues: Pick<Queues, "getScript">) {
    this.#queues = queues;
  }

  /**
   * @param hash SHA-256 (hex) of the compiled script.
   * @returns the script; undefined if it was not available within SCRIPT_WAIT_MS.
   * @throws ScriptHashError if the queue server has something else under this hash; otherwise rejects as `getScript` does.
   */
  async get(hash: string): Promise<string | undefined> {
    const kept = this.#kept.get(hash);
    if (kept !== undefined) return kept;
    const awaited = this.#awaited.get(hash) ?? this.#look(hash).finally(() => this.#awaited.delete(hash));
    this.#awaited.set(hash, awaited);
    return await awaited;
  }

  async #look(hash: string): Promise<string | undefined> {
    for (const end = performance.now() + SCRIPT_WAIT_MS; performance.now() < end; await delay(POLL_MS)) {
      const compiled = await this.#queues.getScript(hash);
      if (compiled === undefined) continue;
      if (!matchesHash(compiled, hash)) throw new ScriptHashError(hash);
      this.#kept.set(hash, compiled);
      return compiled;
    }
    return undefined;
  }
}

/** Any process with the queue server's password could store another script there, and the project's tasks would run it. */
export const matchesHash = (compiled: string, hash: string): boolean =>
  Buffer.byteLength(compiled) <= MAX_SCRIPT_BYTES && createHash("sha256").update(compiled).digest("hex") === hash;

/** lru-cache accepts no size of 0. */
const sizeOf = (compiled: string) => Math.max(1, Buffer.byteLength(compiled));
