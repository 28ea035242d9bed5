/** A message of which only the size was read. */
export interface LargeEntry {
  id: string;
  fields: Buffer[];
  deliveries: number;
  bytes: number;
}

/** Messages that wait for room, in order of arrival. */
export class LargeMessages {
  #waiting: LargeEntry[] = [];

  get count(): number {
    return this.#waiting.length;
  }

  add(entry: LargeEntry): void {
    this.#waiting.push(entry);
  }

  /** Requeues messages that could not be fetched. */
  putBack(entries: LargeEntry[]): void {
    this.#waiting.unshift(...entries);
  }

  /** Removes and returns the next messages that fit; at least the first if `takesFirst`. */
  takeFitting({ max, bytes, takesFirst }: { max: number; bytes: number; takesFirst: boolean }): LargeEntry[] {
    let left = bytes;
    let count = 0;
    for (const entry of this.#waiting.slice(0, Math.max(0, max))) {
      left -= entry.bytes;
      if (left < 0 && !(takesFirst && count === 0)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}
