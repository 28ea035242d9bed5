import { Readable } from "node:stream";
import type { FastifyReply } from "fastify";
import { createGcTrigger } from "../core/runtime/garbage.ts";
import type { Sql } from "../core/store/sql.ts";
import { ExportsBusyError } from "./errors.ts";

/** Each holds a result of up to 8 MiB, which takes 16 MiB with characters beyond Latin-1, until its client has read it. */
const MAX_EXPORTS = 4;

/** The garbage that a row of an export makes, as a multiple of its length: V8 would let that grow to 64 MiB and more before it collects. */
const GARBAGE_FACTOR = 2;

/** An answer that may be large. */
export interface LargeAnswer {
  head: Record<string, string>;
  body: Iterable<string> | AsyncIterable<string | Uint8Array>;
}

/**
 * Limits the memory of answers that may be large: exports, and complete single results.
 *
 * A slot is held until the answer has been sent, or the connection has ended. Pages of rows are read one at a time: while a page is received it is in
 * memory several times.
 */
export class ExportSlots {
  #taken = 0;
  #last: Promise<unknown> = Promise.resolve();
  #sql: Pick<Sql, "query">;
  #onBytes: ((bytes: number) => void) | undefined;

  /** @param sql runs the statements of all answers, one after the other. */
  constructor(sql: Sql) {
    this.#sql = {
      query: <R extends object>(text: string, params?: unknown[]) => {
        const answer = this.#last.then(() => sql.query<R>(text, params));
        this.#last = answer.catch(() => {});
        return answer.then((rows) => {
          this.#onBytes ??= createGcTrigger();
          this.#onBytes(GARBAGE_FACTOR * rows.reduce((sum, row) => sum + lengthOf(row), 0));
          return rows;
        });
      },
    };
  }

  /**
   * Streams an answer. It pauses while the client is slow.
   *
   * @param open errors of it are answered as usual; an error of the body ends the connection.
   * @throws ExportsBusyError
   */
  async send(reply: FastifyReply, open: (sql: Pick<Sql, "query">) => Promise<LargeAnswer>): Promise<FastifyReply> {
    if (this.#taken >= MAX_EXPORTS) throw new ExportsBusyError(MAX_EXPORTS);
    this.#taken++;
    const release = () => void this.#taken--;
    try {
      const { head, body } = await open(this.#sql);
      const plain = Readable.from(body, { objectMode: false });
      plain.once("close", release);
      return reply.headers(head).send(plain);
    } catch (error) {
      release();
      throw error;
    }
  }
}

const lengthOf = (row: { result?: unknown }): number => (typeof row.result === "string" ? row.result.length : 0);
