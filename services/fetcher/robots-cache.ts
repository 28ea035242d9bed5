import type { RobotsRules } from "./robots-rules.ts";

/** pyspider's hour (fetcher/tornado_fetcher.py); RFC 9309, section 2.4, allows up to a day. */
const FRESH_MS = 3_600_000;
/** Tasks that fail with their site come back within seconds, and each must not ask for robots.txt again. */
const FAILURE_MS = 1_000;
/** Rules that could not be read again serve for so long before the next try. */
const STALE_MS = 60_000;
const MAX_ORIGINS = 10_000;
/** Characters of all texts; what is made of them takes a dozen times as much at worst. */
const MAX_SIZE = 1_024 * 1_024;

interface Entry {
  outcome: { rules: RobotsRules } | { error: unknown };
  /** Milliseconds of the cache's clock. */
  freshUntil: number;
}

/** The rules of the sites visited lately, each read once an hour however many pages ask for them at the same time. */
export class RobotsCache {
  readonly #clock: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #pending = new Map<string, Promise<RobotsRules>>();
  #size = 0;

  /** @param clock milliseconds. */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** The rules under `key` if they are known and fresh: then nothing has to be waited for. @throws what reading them threw a moment ago. */
  known(key: string): RobotsRules | undefined {
    const entry = this.#entries.get(key);
    if (!entry || this.#clock() >= entry.freshUntil) return undefined;
    if ("error" in entry.outcome) throw entry.outcome.error;
    return entry.outcome.rules;
  }

  /** Has them read by `read`, unless that is under way. Rules that were read before stay good while `read` fails (RFC 9309, section 2.4). */
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
      this.#keep(key, { outcome: { rules }, freshUntil: this.#clock() + FRESH_MS });
      return rules;
    } catch (error) {
      const before = this.#entries.get(key)?.outcome;
      const isStale = before !== undefined && "rules" in before;
      this.#keep(
        key,
        isStale
          ? { outcome: before, freshUntil: this.#clock() + STALE_MS }
          : { outcome: { error }, freshUntil: this.#clock() + FAILURE_MS },
      );
      if (!isStale) throw error;
      return before.rules;
    }
  }

  /** Forgets what was read longest ago when there is too much. */
  #keep(key: string, entry: Entry): void {
    this.#forget(key);
    this.#entries.set(key, entry);
    this.#size += sizeOf(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (oldest === key || (this.#entries.size <= MAX_ORIGINS && this.#size <= MAX_SIZE)) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) this.#size -= sizeOf(key, entry);
    this.#entries.delete(key);
  }
}

/** Of a failure, too, its text is kept, which names the site. */
const sizeOf = (key: string, { outcome }: Entry) => ("rules" in outcome ? outcome.rules.size + key.length : 3 * key.length);
