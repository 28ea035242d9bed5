/** As many as one round takes from each row; see `inbox.ts`. */
const MOST_REQUESTS = 100;
/** Characters of JSON. */
const MOST_LENGTH = 128 * 1_024;

/** Requests as rows of the inbox, in their order. Rows are read whole, a hundred at once, so none may be large; a request that is larger has its own. */
export function inboxParts<T>(requests: readonly T[]): T[][] {
  const parts: T[][] = [];
  let length = Infinity;
  for (const request of requests) {
    const own = JSON.stringify(request).length;
    if (length + own > MOST_LENGTH || parts.at(-1)?.length === MOST_REQUESTS) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(request);
    length += own;
  }
  return parts;
}
