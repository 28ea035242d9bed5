const LF = 10;
/** Longer lines, which only extensions have, are left to the parser. */
const MAX_LINE_BYTES = 4_096;
const SIZE = /^[ \t]*([\da-f]{1,13})[ \t]*(;.*)?$/i;
const SIZE_BEGINNING = /^[ \t]*[\da-f]{0,13}[ \t]*(?:;.*|\r)?$/i;
const STRICT_SIZE = /^[\da-f]+(?:;.*)?\r$/i;
const EMPTY = Buffer.alloc(0);

const CRLF = Buffer.from("\r\n");

/** What comes next: a chunk's bytes, the line of its size, the line after it, a trailer; or what is left to the parser. */
type Next = "bytes" | "size" | "end" | "trailer" | "unread";

/** Rewrites the lines between the chunks of a body as the standard has them: without spaces, and with CRLF. Browsers read such bodies. */
export class ChunkRepair {
  #next: Next = "size";
  /** Of the chunk: the bytes that have not come yet. */
  #left = 0;
  /** The beginning of a line. */
  #held: Buffer = EMPTY;
  #isChanged = false;

  /** What the parser gets of these bytes: the same buffer if there is nothing to rewrite. */
  push(bytes: Buffer): Buffer {
    if (this.#next === "unread") return bytes;
    this.#isChanged = this.#held.length > 0;
    const all = this.#isChanged ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#held = EMPTY;
    const parts: Buffer[] = [];
    for (let at = 0; at < all.length; ) {
      const end = this.#endOf(all, at);
      parts.push(this.#write(all.subarray(at, end)));
      at = end;
    }
    return this.#isChanged ? Buffer.concat(parts) : bytes;
  }

  /** Where the piece that begins at `at` ends. */
  #endOf(all: Buffer, at: number): number {
    if (this.#next === "unread") return all.length;
    if (this.#next === "bytes") return Math.min(all.length, at + this.#left);
    const lf = all.indexOf(LF, at);
    return lf === -1 ? all.length : lf + 1;
  }

  #write(piece: Buffer): Buffer {
    if (this.#next === "unread") return piece;
    if (this.#next === "bytes") {
      this.#left -= piece.length;
      if (this.#left === 0) this.#next = "end";
      return piece;
    }
    if (piece.at(-1) === LF) return this.#writeLine(piece, piece.toString("latin1", 0, piece.length - 1));
    const isHopeless = piece.length > MAX_LINE_BYTES || (this.#next === "size" && !SIZE_BEGINNING.test(piece.toString("latin1")));
    return isHopeless ? this.#giveUp(piece) : this.#hold(piece);
  }

  #hold(piece: Buffer): Buffer {
    this.#held = piece;
    this.#isChanged = true;
    return EMPTY;
  }

  #giveUp(piece: Buffer): Buffer {
    this.#next = "unread";
    return piece;
  }

  #writeLine(line: Buffer, text: string): Buffer {
    const isEmpty = text === "" || text === "\r";
    if (this.#next === "size") return this.#writeSize(line, text);
    if (this.#next === "end" && !isEmpty) return this.#giveUp(line);
    this.#next = this.#next === "end" ? "size" : isEmpty ? "unread" : "trailer";
    return text.endsWith("\r") ? line : this.#change(Buffer.concat([line.subarray(0, -1), CRLF]));
  }

  #writeSize(line: Buffer, text: string): Buffer {
    const size = SIZE.exec(text.replace(/\r$/, ""))?.[1];
    if (size === undefined) return this.#giveUp(line);
    this.#left = Number.parseInt(size, 16);
    this.#next = this.#left === 0 ? "trailer" : "bytes";
    return STRICT_SIZE.test(text) ? line : this.#change(Buffer.from(`${size}\r\n`));
  }

  #change(written: Buffer): Buffer {
    this.#isChanged = true;
    return written;
  }
}
