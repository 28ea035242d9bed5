/** The compiled scripts that were asked for last, so that a processor fetches each but once. */
export class ScriptCache {
  readonly #scripts = new Map<string, string>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get(hash: string): string | undefined {
    const compiled = this.#scripts.get(hash);
    if (compiled !== undefined) this.set(hash, compiled);
    return compiled;
  }

  set(hash: string, compiled: string): void {
    this.#scripts.delete(hash);
    this.#scripts.set(hash, compiled);
    const [oldest] = this.#scripts.keys();
    if (this.#scripts.size > this.#capacity && oldest !== undefined) this.#scripts.delete(oldest);
  }
}
