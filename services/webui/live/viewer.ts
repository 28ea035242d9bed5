import type { ServerResponse } from "node:http";
import { constants, createGzip, type Gzip } from "node:zlib";
import { MIB } from "../../core/protocol/byte-units.ts";
import type { TopicViewer } from "./topic.ts";

/** More often than any proxy ends a silent answer: nginx does after 60 s by default. The pages notice a lost connection by it. */
const SILENCE_MS = 15_000;
const BEAT = "event: beat\ndata:\n\n";
/** A slow viewer misses changes while this much waits for it, and then gets whole values. */
const MAX_WAITING_BYTES = 2 * MIB;
/** 64 KiB of memory a stream (zlib's manual: 2^(windowBits + 2) + 2^(memLevel + 9) bytes). */
const COMPRESSION = { windowBits: 13, memLevel: 6, level: 6, flush: constants.Z_SYNC_FLUSH };

/** One open event stream. */
export class Viewer implements TopicViewer {
  readonly #answer: ServerResponse;
  readonly #stream: ServerResponse | Gzip;
  readonly #isLoggedIn: () => Promise<boolean>;
  #sentAt = performance.now();
  #isBehind = false;

  /** The head of the answer must not have been sent yet. `isLoggedIn` is called while the stream is open. */
  constructor(answer: ServerResponse, { isCompressed, isLoggedIn }: { isCompressed: boolean; isLoggedIn: () => Promise<boolean> }) {
    this.#answer = answer;
    this.#isLoggedIn = isLoggedIn;
    answer.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      vary: "accept-encoding",
      // nginx passes each event on at once.
      "x-accel-buffering": "no",
      // A stopping web UI waits for open connections.
      connection: "close",
      ...(isCompressed ? { "content-encoding": "gzip" } : {}),
    });
    this.#stream = isCompressed ? createGzip(COMPRESSION) : answer;
    // A browser that leaves destroys the answer in the middle of an event.
    this.#stream.on("error", () => answer.destroy());
    if (this.#stream !== answer) this.#stream.pipe(answer);
    this.#write(BEAT);
  }

  send(event: string): void {
    if (this.#isBehind || this.#isOver) return;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#isBehind = true;
      return;
    }
    this.#write(event);
  }

  /** Called each time after the viewer has missed changes. */
  onCaughtUp(listener: () => void): void {
    this.#answer.on("drain", () => {
      if (!this.#isBehind || this.#waitingBytes > 0) return;
      this.#isBehind = false;
      listener();
    });
  }

  onLeft(listener: () => void): void {
    if (this.#isOver) listener();
    else this.#answer.once("close", listener);
  }

  /** Ends the stream if its session has ended; otherwise sends something if it was silent for long. */
  async check(): Promise<void> {
    if (!(await this.#isLoggedIn())) this.end();
    else if (performance.now() - this.#sentAt > SILENCE_MS && !this.#isBehind) this.#write(BEAT);
  }

  end(): void {
    this.#stream.end();
  }

  get #isOver(): boolean {
    return this.#answer.destroyed || this.#stream.writableEnded;
  }

  get #waitingBytes(): number {
    return this.#answer.writableLength + (this.#stream === this.#answer ? 0 : this.#stream.writableLength);
  }

  #write(text: string): void {
    if (this.#isOver) return;
    this.#sentAt = performance.now();
    this.#stream.write(text);
  }
}
