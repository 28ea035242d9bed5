import { MIB } from "../core/protocol/byte-units.ts";
import { FREE_BYTES } from "./body-budget.ts";

const GROWTH_BYTES = MIB;
/** A body that is cut at its limit has one more chunk. */
const BEYOND_BYTES = MIB;

/**
 * Joins the chunks of one body. A large body is in memory that grows in place and can be freed immediately: joining a list at the end would need
 * it twice. Such memory costs too much for ordinary pages.
 */
export class BodyCollector {
  readonly #limitBytes: number;
  #chunks: Buffer[] = [];
  #large: ArrayBuffer | undefined;
  #bytes = 0;

  /** No body may become longer than `limitBytes` and a chunk. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Keeps no reference to a chunk of a large body. */
  push(chunk: Buffer): void {
    if (!this.#large && this.#bytes + chunk.length > FREE_BYTES) this.#unite();
    if (this.#large) this.#append(this.#large, chunk);
    else this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The whole body; the collector is empty afterwards. */
  take(): Buffer {
    const large = this.#large;
    large?.resize(this.#bytes);
    // Always a copy: a small chunk would keep the whole read buffer in memory.
    const body = large ? Buffer.from(large, 0, this.#bytes) : Buffer.concat(this.#chunks, this.#bytes);
    this.#large = undefined;
    this.#chunks = [];
    this.#bytes = 0;
    return body;
  }

  /** Discards the received chunks. */
  drop(): void {
    freeBody(this.take());
  }

  #unite(): void {
    const start = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [];
    this.#large = new ArrayBuffer(this.#bytes, { maxByteLength: Math.max(this.#limitBytes, this.#bytes) + BEYOND_BYTES });
    new Uint8Array(this.#large).set(start);
  }

  #append(large: ArrayBuffer, chunk: Buffer): void {
    const end = this.#bytes + chunk.length;
    if (end > large.byteLength) large.resize(Math.min(large.maxByteLength, Math.ceil(end / GROWTH_BYTES) * GROWTH_BYTES));
    new Uint8Array(large, this.#bytes).set(chunk);
  }
}

/** Frees the memory of a large body immediately; V8 would keep it until its next major collection. The body must not be used afterwards. */
export function freeBody({ buffer }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.resizable) buffer.resize(0);
}
