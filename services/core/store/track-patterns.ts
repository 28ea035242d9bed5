/**
 * What the last run of a task was, read from its track. By pattern and not by path: Postgres refuses to parse JSON that contains \u0000 anywhere, and a
 * script may log that. Within a JSON text a quote is escaped, so the patterns find only keys.
 */

/** An integer; null before the first run. */
export const STATUS_CODE = `substring(track::text from '"statusCode": *([0-9]+)')::integer`;

/** The code of its error; null if it has none. */
export const ERROR_CODE = `substring(track::text from '"error": *{"code": *"(\\w+)"')`;

/** The message of its error as JSON without its quotes, at most 8,000 characters of it; null if it has none. `unescaped` reads it. */
export const ERROR_MESSAGE = `left(substring(track::text from '"error": *{"code": *"\\w+", *"message": *"((?:[^"\\\\]|\\\\.)*)"'), 8000)`;

/** What the script printed as JSON without its quotes; null if it printed nothing. */
export const PRINTED = `substring(track::text from '"logs": *"((?:[^"\\\\]|\\\\.)+)"')`;

/** The text of a JSON text without its quotes; one that was cut in the middle of an escape stays as it is. */
export function unescaped(json: string): string {
  try {
    return JSON.parse(`"${json}"`) as string;
  } catch {
    return json;
  }
}
