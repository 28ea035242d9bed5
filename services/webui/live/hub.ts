import { StreamsBusyError } from "../errors.ts";
import { Topic } from "./topic.ts";
import type { Viewer } from "./viewer.ts";

/** A stream takes about 0.25 MiB (200 of them 51 MiB, with 500 projects), so all of them take a quarter of a web UI's 256 MiB. */
const MAX_VIEWERS = 250;
/** A web UI notices an ended session within this time. */
const CHECK_MS = 3_000;

/** A path of the API and how to read it. */
export interface LivePath {
  path: string;
  read(): Promise<unknown>;
}

/** All viewers and what they look at. A path is read once for all of its viewers. */
export class LiveHub {
  readonly #topics = new Map<string, Topic>();
  readonly #viewers = new Set<Viewer>();
  #timer: NodeJS.Timeout | undefined;

  /** @throws StreamsBusyError before anything is sent, if there are too many viewers. */
  requireRoom(): void {
    if (this.#viewers.size >= MAX_VIEWERS) throw new StreamsBusyError(MAX_VIEWERS);
  }

  /** Sends the viewer these paths until it leaves. */
  add(viewer: Viewer, paths: LivePath[]): void {
    this.#viewers.add(viewer);
    this.#timer ??= setInterval(() => void this.#checkAll(), CHECK_MS);
    const topics = paths.map(({ path, read }) => {
      const topic = this.#topics.get(path) ?? new Topic(path, read);
      this.#topics.set(path, topic);
      topic.add(viewer);
      return { path, topic };
    });
    viewer.onCaughtUp(() => {
      for (const { topic } of topics) topic.sendWhole(viewer);
    });
    viewer.onLeft(() => this.#remove(viewer, topics));
  }

  /** Ends all streams: their browsers connect again, to another web UI if there is one. */
  close(): void {
    for (const viewer of this.#viewers) viewer.end();
  }

  #remove(viewer: Viewer, topics: { path: string; topic: Topic }[]): void {
    this.#viewers.delete(viewer);
    for (const { path, topic } of topics) {
      topic.remove(viewer);
      if (!topic.isUnused) continue;
      topic.close();
      if (this.#topics.get(path) === topic) this.#topics.delete(path);
    }
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #checkAll(): Promise<void> {
    for (const viewer of this.#viewers) await viewer.check();
  }
}
