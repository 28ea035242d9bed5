import { MIB } from "../core/protocol/byte-units.ts";
import type { Held } from "../core/queue/lease-batcher.ts";

/** Pages wait here for a child, although another processor could run them. */
const MAX_PAGES = 512;
/** In a container of 256 MiB, of which one child takes 160: each page is here up to four times while it is read, passed on and collected. */
const MAX_BYTES = 8 * MIB;
/** Each answer is here up to seven times while it is read, encoded and sent: non-Latin texts take two bytes per character. */
const MAX_ANSWER_BYTES = 4 * MIB;
/** Before the first page; a common page size (HTTP Archive's median is near 30 KB of HTML). */
const GUESSED_PAGE_BYTES = 65_536;

/** Whether reading answers must pause until some have been sent. */
export const isFullOfAnswers = (held: Held): boolean => held.outputBytes >= MAX_ANSWER_BYTES;

/** How many bytes of large pages to lease next. */
export const roomBytes = (held: Held): number => Math.max(0, MAX_BYTES - held.bytes);

/** How many pages to lease next, so that they fit with the held ones; 0 if none fits. */
export function leaseMax(held: Held, averagePageBytes: number = GUESSED_PAGE_BYTES): number {
  const room = Math.floor((MAX_BYTES - held.bytes) / Math.max(1, averagePageBytes));
  // A page that is larger than the free room is taken when no other is held.
  return Math.max(held.leases === 0 ? 1 : 0, Math.min(MAX_PAGES - held.leases, room));
}
