import { KIB } from "../protocol/byte-units.ts";
import { type BodyFrame, readAnswerHead } from "./answer-head.ts";
import { ChunkRepair } from "./chunk-repair.ts";

const LF = 10;
const CR = 13;
/** A longer head is not repaired: the parser refuses it. */
const MAX_HEAD_BYTES = 64 * KIB;
const EMPTY = Buffer.alloc(0);
/** Parsers refuse it as an answer to a request that did not ask for it. A client may ignore it (RFC 9110, section 15.2.1). */
const CONTINUE = 100;
/** Without a limit a server could keep the process busy with them. */
const MAX_CONTINUES = 20;
/** The beginning of what may be an answer; anything else goes to the parser at once, which refuses it. */
const BEGINNING = /^(?:H(?:T(?:T(?:P.*)?)?)?|I(?:C(?:Y.*)?)?)?$/is;

/** Rewrites the answers on one connection so that a strict HTTP/1 parser reads what browsers read. Answers that keep to the standard pass unchanged. */
export class AnswerRepair {
  #held: Buffer = EMPTY;
  #state: "head" | BodyFrame = "head";
  #chunks = new ChunkRepair();
  #continues = 0;

  /** The next bytes begin an answer: a request is sent. */
  reset(): void {
    this.#held = EMPTY;
    this.#state = "head";
    this.#continues = 0;
  }

  /** What the parser gets of these bytes; empty while a head is incomplete. */
  push(bytes: Buffer): Buffer {
    if (this.#state === "other") return bytes;
    if (this.#state === "chunked") return this.#chunks.push(bytes);
    return this.#pushHead(this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]));
  }

  #pushHead(bytes: Buffer): Buffer {
    const start = skipLines(bytes);
    const end = headEnd(bytes, start);
    if (end === -1) {
      const isHopeless = bytes.length - start > MAX_HEAD_BYTES || !BEGINNING.test(bytes.toString("latin1", start, start + 4));
      if (isHopeless) return this.#pass(bytes);
      this.#held = bytes;
      return EMPTY;
    }
    this.#held = EMPTY;
    const text = bytes.toString("latin1", start, end);
    const { head, statusCode, frame } = readAnswerHead(text);
    const rest = bytes.subarray(end);
    if (statusCode === CONTINUE && ++this.#continues <= MAX_CONTINUES) return this.push(rest);
    const isInterim = statusCode >= 100 && statusCode < 200 && statusCode !== 101;
    if (!isInterim) {
      this.#state = frame;
      this.#chunks = new ChunkRepair();
    }
    const body = rest.length === 0 ? rest : this.push(rest);
    if (head === text && start === 0 && body === rest) return bytes;
    return Buffer.concat([Buffer.from(head, "latin1"), body]);
  }

  #pass(bytes: Buffer): Buffer {
    this.#held = EMPTY;
    this.#state = "other";
    return bytes;
  }
}

function skipLines(bytes: Buffer): number {
  let at = 0;
  while (bytes[at] === CR || bytes[at] === LF) at++;
  return at;
}

/** After the empty line; -1 without one. */
function headEnd(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(LF, start); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}
