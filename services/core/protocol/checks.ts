/** Seconds; ECMA-262, section 21.4.1.1. */
const LAST_MOMENT = 8.64e12;

/** Checks for values of unknown origin, for readers of data that another process wrote. */
export type Check = (value: unknown) => boolean;

/** Text for the database: Postgres text has no U+0000 and no unpaired surrogates. */
export const isStorable = (value: unknown): value is string => typeof value === "string" && value.isWellFormed() && !value.includes("\0");
/** The text of any value, with U+FFFD for each character that Postgres refuses: without them, the parts beside them would become one. */
export const toStorable = (value: unknown): string => String(value).toWellFormed().replaceAll("\0", "\uFFFD");
/** A header's name: a token (RFC 9110, section 5.6.2). */
export const isHeaderName: Check = (value) => typeof value === "string" && /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/.test(value);
/** The characters allowed in a header's value or a cookie: a line break would start another header (RFC 9110, section 5.5). */
export const isHeaderValue: Check = (value) => isStorable(value) && !/[\r\n]/.test(value);
// biome-ignore lint/suspicious/noControlCharactersInRegex: URLs have none, however they are written in a page.
export const hasControls = (text: string): boolean => /[\u0000-\u001f\u007f]/.test(text);
export const isFlag: Check = (value) => typeof value === "boolean";
export const isNumber: Check = (value) => Number.isFinite(value);
/** Unix seconds in the range of `Date`. */
export const isMoment: Check = (value) => isNumber(value) && Math.abs(value as number) <= LAST_MOMENT;
export const isNonNegative: Check = (value) => isNumber(value) && (value as number) >= 0;
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** JSON in which Postgres can look for a part: `->` reads every text and name of the whole value, and fails for one that is not storable. */
export const isStorableJson: Check = (value) => {
  if (typeof value === "string") return isStorable(value);
  if (Array.isArray(value)) return value.every(isStorableJson);
  return !isObject(value) || Object.entries(value).every(([name, part]) => isStorable(name) && isStorableJson(part));
};

/** With padding, as `Buffer` writes it. */
export const isBase64: Check = (value) => typeof value === "string" && value.length % 4 === 0 && /^[A-Za-z\d+/]*={0,2}$/.test(value);
