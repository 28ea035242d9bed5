import { type Difference, difference } from "../difference.ts";

/** Between two reads of a topic, as often as pages would poll. */
const EVERY_MS = 2_000;
/** A read rests nine times as long as it took, so it takes a tenth of the time at most. */
const REST = 9;
/** A topic waits until its last change has been sent at this pace, so a busy dashboard costs its viewer at most this much. */
const BYTES_PER_MS = 8;

/** A viewer's side of a topic. */
export interface TopicViewer {
  /** Sends the text of an event, or drops it if the viewer is too slow. */
  send(event: string): void;
}

/** What an event says of a path: its value, what changed, or that it cannot be read now. */
export type LiveEvent = { path: string; value: unknown } | { path: string; change: Difference } | { path: string; failed: true };

/** One answer of the API that is read again and again while it has viewers. Each change is sent to all of them. */
export class Topic {
  readonly #path: string;
  readonly #read: () => Promise<unknown>;
  readonly #viewers = new Set<TopicViewer>();
  /** As JSON.parse returns it; undefined before the first read and after a failed one. */
  #value: unknown;
  /** The event with the value, made once for all viewers that come before the next change. */
  #whole: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(path: string, read: () => Promise<unknown>) {
    this.#path = path;
    this.#read = read;
    void this.#run();
  }

  get isUnused(): boolean {
    return this.#viewers.size === 0;
  }

  add(viewer: TopicViewer): void {
    this.#viewers.add(viewer);
    this.sendWhole(viewer);
  }

  remove(viewer: TopicViewer): void {
    this.#viewers.delete(viewer);
  }

  /** Sends the last value, if there is one; the next read follows as usual. */
  sendWhole(viewer: TopicViewer): void {
    if (this.#value === undefined) return;
    this.#whole ??= eventText({ path: this.#path, value: this.#value });
    viewer.send(this.#whole);
  }

  /** Stops reading. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const began = performance.now();
    const isFirst = this.#value === undefined;
    const event = await this.#next();
    const tookMs = performance.now() - began;
    if (event !== undefined) for (const viewer of this.#viewers) viewer.send(event);
    if (this.#isClosed) return;
    // The whole value is sent once; the changes after it must not wait for it.
    const changeBytes = isFirst ? 0 : (event?.length ?? 0);
    const waitMs = Math.max(EVERY_MS - tookMs, REST * tookMs, changeBytes / BYTES_PER_MS);
    this.#timer = setTimeout(() => void this.#run(), waitMs);
  }

  /** The event after another read; undefined if nothing changed. */
  async #next(): Promise<string | undefined> {
    try {
      // Without what JSON leaves out: undefined fields.
      const value: unknown = JSON.parse(JSON.stringify(await this.#read()));
      const before = this.#value;
      this.#value = value;
      if (before === undefined) return eventText({ path: this.#path, value });
      const change = difference(before, value);
      if (change === undefined) return undefined;
      this.#whole = undefined;
      return eventText({ path: this.#path, change });
    } catch {
      // The viewers poll the route, which says why.
      this.#value = undefined;
      this.#whole = undefined;
      return eventText({ path: this.#path, failed: true });
    }
  }
}

const eventText = (event: LiveEvent) => `data: ${JSON.stringify(event)}\n\n`;
