import { MAX_VIEWPORT_PIXELS } from "./task.ts";

/** Seconds; ECMA-262, section 21.4.1.1. */
const LAST_MOMENT = 8.64e12;

/** What a value of unknown origin must be, for those who read what another process wrote. */
export type Check = (value: unknown) => boolean;

/** Postgres has neither U+0000 nor halves of surrogate pairs in text. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes("\0");
/** The text of any value, without what Postgres does not have. */
export const toStorable = (value: unknown): string => String(value).toWellFormed().replaceAll("\0", "");
export const isFlag: Check = (value) => typeof value === "boolean";
export const isNumber: Check = (value) => Number.isFinite(value);
/** Unix seconds that `Date` knows. */
export const isMoment: Check = (value) => isNumber(value) && Math.abs(value as number) <= LAST_MOMENT;
export const isPositive: Check = (value) => isNumber(value) && (value as number) >= 0;
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
/** Pixels of a browser's window, either way. */
export const isViewport: Check = (value) => isCount(value) && value !== 0 && (value as number) <= MAX_VIEWPORT_PIXELS;
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
