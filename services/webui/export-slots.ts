import type { Sql } from "../core/store/sql.ts";
import { ExportsBusyError } from "./errors.ts";

/** Each holds a result of up to 8 MiB, which takes 16 MiB with characters beyond Latin-1, until its client has read it. */
const MAX_EXPORTS = 4;

/**
 * Limits the memory of answers that may be large: exports, and complete single results.
 *
 * A slot is held until the answer has been sent. Pages of rows are read one at a time: while a page is received it is in memory several times.
 */
export class ExportSlots {
  #taken = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** @returns a function that releases the slot; call it once. @throws ExportsBusyError */
  take(): () => void {
    if (this.#taken >= MAX_EXPORTS) throw new ExportsBusyError(MAX_EXPORTS);
    this.#taken++;
    return () => void this.#taken--;
  }

  /** The same statements, run one after the other for all callers. */
  inTurn(sql: Sql): Pick<Sql, "query"> {
    return {
      query: <R extends object>(text: string, params?: unknown[]) => {
        const answer = this.#last.then(() => sql.query<R>(text, params));
        this.#last = answer.catch(() => {});
        return answer;
      },
    };
  }
}
