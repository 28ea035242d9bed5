/** The protocol between parent and child of a sandbox: a header of 32-bit little-endian numbers, then the bytes. */

/** parent -> child. */
export interface TaskFrame {
  text: string;
  body: Uint8Array;
  /** The task's time limit in milliseconds. */
  limitMs: number;
}

/** child -> parent. */
export interface AnswerFrame {
  text: string;
  /** How long the task took. */
  microseconds: number;
}

export const TASK_HEADER_BYTES = 12;
export const ANSWER_HEADER_BYTES = 8;

/** Longer bodies are not copied, to save memory. */
const JOINED_BYTES = 256 * 1024;

/** `[text bytes, body bytes, limit in ms] [text] [body]` for each job, in pieces to write in order: one piece unless there are large bodies. */
export function encodeTasks(tasks: TaskFrame[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let joined: Uint8Array[] = [];
  for (const { text, body, limitMs } of tasks) {
    const bytes = Buffer.byteLength(text);
    const head = Buffer.allocUnsafe(TASK_HEADER_BYTES + bytes);
    head.writeUInt32LE(bytes, 0);
    head.writeUInt32LE(body.byteLength, 4);
    head.writeUInt32LE(limitMs, 8);
    head.write(text, TASK_HEADER_BYTES);
    joined.push(head);
    if (body.byteLength <= JOINED_BYTES) joined.push(body);
    else {
      pieces.push(Buffer.concat(joined), body);
      joined = [];
    }
  }
  if (joined.length > 0) pieces.push(Buffer.concat(joined));
  return pieces;
}

/** `[text bytes, microseconds] [text]` */
export function encodeAnswer({ text, microseconds }: AnswerFrame): Buffer {
  const bytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(ANSWER_HEADER_BYTES + bytes);
  frame.writeUInt32LE(bytes, 0);
  frame.writeUInt32LE(microseconds, 4);
  frame.write(text, ANSWER_HEADER_BYTES);
  return frame;
}

export function decodeTask(frame: Buffer): TaskFrame {
  const bodyStart = TASK_HEADER_BYTES + frame.readUInt32LE(0);
  return { text: frame.toString("utf8", TASK_HEADER_BYTES, bodyStart), body: frame.subarray(bodyStart), limitMs: frame.readUInt32LE(8) };
}

export function decodeAnswer(frame: Buffer): AnswerFrame {
  return { text: frame.toString("utf8", ANSWER_HEADER_BYTES), microseconds: frame.readUInt32LE(4) };
}

export const taskFrameBytes = (header: Buffer) => TASK_HEADER_BYTES + header.readUInt32LE(0) + header.readUInt32LE(4);
export const answerFrameBytes = (header: Buffer) => ANSWER_HEADER_BYTES + header.readUInt32LE(0);

/** The same for answers whose text has `limit` bytes at most. @throws RangeError for a longer one. */
export const answerFrameBytesWithin = (limit: number) => (header: Buffer) => {
  const bytes = answerFrameBytes(header);
  if (bytes > ANSWER_HEADER_BYTES + limit) throw new RangeError(`an answer of ${bytes} bytes`);
  return bytes;
};

/** Longer frames get their own buffer as soon as their length is known, so that received chunks can be freed. */
const GATHERED_BYTES = 256 * 1024;

/** Joins chunks and cuts them into frames. Copies each byte at most twice, for chunks of any size. */
export class FrameCutter {
  readonly #headerBytes: number;
  readonly #frameBytes: (header: Buffer) => number;
  #chunks: Buffer[] = [];
  #held = 0;
  #wanted: number;
  /** The long frame that is being filled, to `#held`. */
  #long: Buffer | undefined;

  /** @param frameBytes length of the whole frame, from its header; `push` throws its errors. */
  constructor(headerBytes: number, frameBytes: (header: Buffer) => number) {
    this.#headerBytes = headerBytes;
    this.#wanted = headerBytes;
    this.#frameBytes = frameBytes;
  }

  /** The frames that `chunk` completes. They share its memory. */
  push(chunk: Buffer): Buffer[] {
    if (!this.#long) return this.#cut(chunk);
    const copied = chunk.copy(this.#long, this.#held);
    this.#held += copied;
    if (this.#held < this.#long.length) return [];
    const frame = this.#long;
    this.#long = undefined;
    this.#held = 0;
    this.#wanted = this.#headerBytes;
    return [frame, ...this.#cut(chunk.subarray(copied))];
  }

  #cut(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const frames: Buffer[] = [];
    if (this.#held < this.#wanted) return frames;
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    while (rest.length >= this.#headerBytes) {
      const length = this.#frameBytes(rest);
      if (rest.length < length) break;
      frames.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
    this.#chunks = [rest];
    this.#held = rest.length;
    this.#wanted = rest.length < this.#headerBytes ? this.#headerBytes : this.#frameBytes(rest);
    if (this.#wanted > GATHERED_BYTES) {
      this.#long = Buffer.allocUnsafeSlow(this.#wanted);
      rest.copy(this.#long);
      this.#chunks = [];
    }
    return frames;
  }
}
