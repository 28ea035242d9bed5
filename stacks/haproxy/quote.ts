/** What HAProxy reads as itself wherever it stands. */
const BARE = /^[A-Za-z0-9_.,:;@%+=/()[\]{}*!?<>|&^~-]+$/;

/** Printable ASCII: everything else has no business in a configuration, and a line feed would start a new directive. */
export const isPrintable = (text: string): boolean => /^[ -~]*$/.test(text);

/**
 * One argument of a directive, so that HAProxy reads exactly `text` (configuration manual 2.6, section 2.2): as it is where nothing in it
 * is special, in strong quotes otherwise, in weak quotes where it holds a single quote itself.
 *
 * @throws RangeError if `text` is not printable ASCII.
 */
export function quoteWord(text: string): string {
  if (!isPrintable(text)) throw new RangeError(`only printable ASCII can be quoted, got ${JSON.stringify(text)}`);
  if (BARE.test(text)) return text;
  return text.includes("'") ? `"${text.replace(/["\\$]/g, "\\$&")}"` : `'${text}'`;
}

/** Text that stands where HAProxy expects a log format: `%` is its only special character there. */
export const escapeFormat = (text: string): string => text.replaceAll("%", "%%");
