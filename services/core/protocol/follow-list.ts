/**
 * The short form of many follows in messages. A page with 50,000 links requests tasks that differ in little but the end of their URL: this form takes a
 * quarter of the bytes, and a third of the values.
 */
import { MIB } from "./byte-units.ts";
import { isCount, isObject } from "./checks.ts";
import type { Follow, Schedule } from "./task.ts";

/** Up to here follows are written out, as in versions that do not know the short form: while a fleet is updated, old and new roles run together. */
export const WRITTEN_OUT_FOLLOWS = 10_000;

/** The limits of the follows of one run. */
export const FOLLOW_LIMITS = {
  /** Twice the entries of a full sitemap. */
  count: 100_000,
  /** Characters of JSON when they are written out: follows share their options here, and nowhere in the database. */
  characters: 32 * MIB,
} as const;

/** What follows have in common: everything but URL, id, `itag` and `save`. */
type Kind = Omit<Follow, "taskid" | "url" | "save">;

/** `start`: how many characters of the URL before are repeated. `kind`: a place in the list. No id: the one that `identify` makes of the URL. */
type Item = [start: number, rest: string, kind: number, itag?: string | null, taskid?: string | null, save?: unknown];

/** Follows in the short form. */
export interface FollowList {
  kinds: Kind[];
  items: Item[];
}

/** Makes the usual id of a URL. */
type Identify = (url: string) => string;

/** Characters of JSON of names and signs around the values of one follow. */
const FRAME_LENGTH = 40;

/** Writes follows in the short form, from the first on, as many as the limits allow. */
export function packFollows(
  follows: Iterable<Follow>,
  { identify, maxLength = Infinity }: { identify: Identify; maxLength?: number },
): FollowList {
  const kinds = new Map<string, { at: number; kind: Kind }>();
  const items: Item[] = [];
  let before = "";
  let [written, packed] = [0, 0];
  for (const follow of follows) {
    const { kind, itag } = kindOf(follow);
    const key = JSON.stringify(kind);
    const known = kinds.get(key) ?? { at: kinds.size, kind };
    const item = itemOf(follow, { before, kind: known.at, itag, isUsual: identify(follow.url) === follow.taskid });
    const rest = JSON.stringify(item).length;
    written += FRAME_LENGTH + follow.url.length + follow.taskid.length + key.length + rest - item[1].length;
    packed += rest + 1 + (kinds.has(key) ? 0 : key.length + 1);
    if (items.length >= FOLLOW_LIMITS.count || written > FOLLOW_LIMITS.characters || packed > maxLength) break;
    kinds.set(key, known);
    items.push(item);
    before = follow.url;
  }
  return { kinds: [...kinds.values()].map(({ kind }) => kind), items };
}

function kindOf({ taskid: _taskid, url: _url, save: _save, schedule, ...rest }: Follow): { kind: Kind; itag?: string } {
  if (schedule?.itag === undefined) return { kind: schedule === undefined ? rest : { ...rest, schedule } };
  const { itag, ...others } = schedule;
  return { kind: Object.keys(others).length === 0 ? rest : { ...rest, schedule: others }, itag };
}

function itemOf(
  { taskid, url, save }: Follow,
  { before, kind, itag, isUsual }: { before: string; kind: number; itag: string | undefined; isUsual: boolean },
): Item {
  const start = commonStart(before, url);
  const id = isUsual ? null : taskid;
  const rest = url.slice(start);
  if (save !== undefined) return [start, rest, kind, itag ?? null, id, save];
  if (id !== null) return [start, rest, kind, itag ?? null, id];
  return itag === undefined ? [start, rest, kind] : [start, rest, kind, itag];
}

/** Never in the middle of a surrogate pair, of which JSON would write each half as an escape. */
function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at > 0 && (b.charCodeAt(at - 1) & 0xfc00) === 0xd800 ? at - 1 : at;
}

/** Writes the follows of a list out again. They share the objects of their options. @throws TypeError if the list is invalid or exceeds a limit. */
export function unpackFollows(list: unknown, identify: Identify): Follow[] {
  if (!isObject(list) || !Array.isArray(list.kinds) || !Array.isArray(list.items)) throw new TypeError("not a list of follows");
  const kinds = list.kinds.map((kind: unknown) => ({ kind, length: JSON.stringify(kind).length }));
  if (list.items.length > FOLLOW_LIMITS.count) throw new TypeError(`more than ${FOLLOW_LIMITS.count} follows`);
  let before = "";
  let written = 0;
  return list.items.map((item: unknown) => {
    const { kind, length } = kinds[requireItem(item)[2]] ?? {};
    const [start, rest, , itag, id, save] = item as Item;
    if (!isObject(kind) || start > before.length) throw new TypeError("a follow refers to nothing");
    written += FRAME_LENGTH + start + rest.length + (length ?? 0);
    if (written > FOLLOW_LIMITS.characters) throw new TypeError(`follows of more than ${FOLLOW_LIMITS.characters} characters`);
    before = before.slice(0, start) + rest;
    return followOf(kind as unknown as Kind, {
      url: before,
      itag,
      taskid: id ?? identify(before),
      ...(save === undefined ? {} : { save }),
    });
  });
}

function requireItem(item: unknown): Item {
  const isItem =
    Array.isArray(item) &&
    item.length >= 3 &&
    item.length <= 6 &&
    isCount(item[0]) &&
    typeof item[1] === "string" &&
    isCount(item[2]) &&
    [item[3], item[4]].every((text) => text === undefined || text === null || typeof text === "string");
  if (!isItem) throw new TypeError("an item is not a follow");
  return item as unknown as Item;
}

function followOf(kind: Kind, { itag, ...own }: { url: string; taskid: string; itag: string | null | undefined; save?: unknown }): Follow {
  if (typeof itag !== "string") return { ...kind, ...own };
  const schedule: Schedule = { ...kind.schedule, itag };
  return { ...kind, ...own, schedule };
}
