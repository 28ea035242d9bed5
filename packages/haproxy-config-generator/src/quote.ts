/** Text that HAProxy never interprets, at any place. */
const BARE = /^[A-Za-z0-9_.,:;@%+=/()[\]{}*!?<>|&^~-]+$/;

/** Printable ASCII: a configuration needs no other characters, and a line feed would start a new directive. */
export const isPrintable = (text: string): boolean => /^[ -~]*$/.test(text);

/**
 * One argument of a directive, quoted so that HAProxy reads exactly `text` (configuration manual 2.6, section 2.2): unquoted if it has no special
 * character, in weak quotes if it contains a single quote, in strong quotes otherwise.
 *
 * @throws RangeError if `text` is not printable ASCII.
 */
export function quoteWord(text: string): string {
  if (!isPrintable(text)) throw new RangeError(`only printable ASCII can be quoted, got ${JSON.stringify(text)}`);
  if (BARE.test(text)) return text;
  return text.includes("'") ? `"${text.replace(/["\\$]/g, "\\$&")}"` : `'${text}'`;
}

/** Text at a place where HAProxy expects a log format: `%` is its only special character there. */
export const escapeFormat = (text: string): string => text.replaceAll("%", "%%");
