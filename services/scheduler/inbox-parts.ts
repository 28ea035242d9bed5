import { KIB } from "../core/protocol/byte-units.ts";

/** As many as one round processes from each row; see `inbox.ts`. */
const MAX_REQUESTS = 100;
/** Characters of JSON. */
const MAX_LENGTH = 128 * KIB;

/** Splits requests into rows of the inbox, in order. Rows are read whole, a hundred at once, so each must be small; a larger request gets its own row. */
export function inboxParts<T>(requests: readonly T[]): T[][] {
  const parts: T[][] = [];
  let length = Infinity;
  for (const request of requests) {
    const own = JSON.stringify(request).length;
    if (length + own > MAX_LENGTH || parts.at(-1)?.length === MAX_REQUESTS) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(request);
    length += own;
  }
  return parts;
}
