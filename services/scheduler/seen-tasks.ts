/**
 * Tasks that are known to exist, so that the many links to pages seen before cost no look-up. Forgets the older half when full, which
 * costs a look-up and nothing else.
 */
export class SeenTasks {
  readonly #halfSize: number;
  #recent = new Set<string>();
  #older = new Set<string>();

  /** @param size how many at most; each takes about 150 bytes. */
  constructor(size: number) {
    this.#halfSize = Math.ceil(size / 2);
  }

  has(project: string, taskid: string): boolean {
    const key = `${project} ${taskid}`;
    return this.#recent.has(key) || this.#older.has(key);
  }

  add(project: string, taskid: string): void {
    if (this.#recent.size >= this.#halfSize) {
      this.#older = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(`${project} ${taskid}`);
  }

  /** Needed when tasks are deleted. */
  clear(): void {
    this.#recent.clear();
    this.#older.clear();
  }
}
