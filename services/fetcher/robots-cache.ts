import { LRUCache } from "lru-cache";
import { MIB } from "../core/protocol/byte-units.ts";
import type { RobotsRules } from "./robots-rules.ts";

/** pyspider's hour (fetcher/tornado_fetcher.py); RFC 9309, section 2.4, allows up to a day. */
const FRESH_MS = 3_600_000;
/** Tasks that fail with their site are retried within seconds, and each must not request robots.txt again. */
const FAILURE_MS = 1_000;
/** If rules could not be refreshed, the old ones apply this long until the next try. */
const STALE_MS = 60_000;
const MAX_ORIGINS = 10_000;
/** Characters of all texts; the parsed rules take a dozen times as much at worst. */
const MAX_SIZE = MIB;

interface Entry {
  outcome: { rules: RobotsRules } | { error: unknown };
  /** Milliseconds of the cache's clock. */
  freshUntil: number;
}

/** The rules of recently visited sites, each read once an hour however many pages need them at the same time. */
export class RobotsCache {
  readonly #clock: () => number;
  readonly #entries = new LRUCache<string, Entry>({
    max: MAX_ORIGINS,
    maxSize: MAX_SIZE,
    sizeCalculation: (entry, key) => sizeOf(key, entry),
  });
  readonly #pending = new Map<string, Promise<RobotsRules>>();

  /** @param clock milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** The rules under `key` if they are cached and fresh, without waiting. @throws the error of a recent read. */
  known(key: string): RobotsRules | undefined {
    const entry = this.#entries.get(key);
    if (!entry || this.#clock() >= entry.freshUntil) return undefined;
    if ("error" in entry.outcome) throw entry.outcome.error;
    return entry.outcome.rules;
  }

  /** Reads them by `read`, unless a read is running. Earlier rules stay valid while `read` fails (RFC 9309, section 2.4). */
  load(key: string, read: () => Promise<RobotsRules>): Promise<RobotsRules> {
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const loading = this.#load(key, read).finally(() => this.#pending.delete(key));
    this.#pending.set(key, loading);
    return loading;
  }

  async #load(key: string, read: () => Promise<RobotsRules>): Promise<RobotsRules> {
    try {
      const rules = await read();
      this.#entries.set(key, { outcome: { rules }, freshUntil: this.#clock() + FRESH_MS });
      return rules;
    } catch (error) {
      const before = this.#entries.peek(key)?.outcome;
      const isStale = before !== undefined && "rules" in before;
      this.#entries.set(
        key,
        isStale
          ? { outcome: before, freshUntil: this.#clock() + STALE_MS }
          : { outcome: { error }, freshUntil: this.#clock() + FAILURE_MS },
      );
      if (!isStale) throw error;
      return before.rules;
    }
  }
}

/** An error's text is kept, too; it contains the site's name. */
const sizeOf = (key: string, { outcome }: Entry) => ("rules" in outcome ? outcome.rules.size + key.length : 3 * key.length);
