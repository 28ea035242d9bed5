/** What a processor may hold: pages wait here for a child, and another processor could be running them. */
const MOST_PAGES = 512;
/** In a container of 256 MiB, of which one child takes 160: each page is here up to four times while it is read, handed on and collected. */
const MOST_BYTES = 16 * 1_048_576;
/** Before any page was seen; a common size of pages (HTTP Archive's median is near 30 KB of HTML). */
const GUESSED_PAGE_BYTES = 65_536;

/** How many bytes of large pages to lease next. */
export const roomBytes = (held: { bytes: number }): number => Math.max(0, MOST_BYTES - held.bytes);

/** How many pages to lease next, so that they fit with what is held; 0 when nothing does. */
export function leaseMax(held: { pages: number; bytes: number }, averagePageBytes: number = GUESSED_PAGE_BYTES): number {
  const room = Math.floor((MOST_BYTES - held.bytes) / Math.max(1, averagePageBytes));
  // A page that is larger than the room left is taken when nothing else is held.
  return Math.max(held.pages === 0 ? 1 : 0, Math.min(MOST_PAGES - held.pages, room));
}
