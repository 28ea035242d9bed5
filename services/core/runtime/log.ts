import pino from "pino";
import { indentedText, visibleText } from "../protocol/visible-text.ts";

/** The type of `log: Log` parameters. Fields first, then a sentence: `log.warn({ taskid }, "was given up")`. */
export type Log = pino.Logger;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const SECRET_FIELDS = ["password", "token", "secret", "authorization", "cookie", "cookies", "set-cookie"];
const SECRET_PATHS = SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]);
const COLOURS: Record<string, string> = { warn: "\u001b[33m", error: "\u001b[31m", fatal: "\u001b[31m" };

/**
 * A log to stderr: one JSON object per line, or short lines for people if stderr is a terminal.
 *
 * Fields named like secrets and passwords within URLs are replaced by `[redacted]`; control characters are escaped.
 *
 * @param level by default `ORB_LOG_LEVEL`, or `info`. `readEnv` reports an invalid one; here it means `info`.
 */
export function createLog(role: string, level: string = process.env.ORB_LOG_LEVEL ?? "info"): Log {
  const known = LOG_LEVELS.find((name) => name === level) ?? "info";
  const format = process.stderr.isTTY ? (line: string) => shortLine(line, !process.env.NO_COLOR) : visibleText;
  // Written synchronously, because the last lines before a crash matter most.
  const stream = { write: (line: string) => void process.stderr.write(format(withoutPasswords(line))) };
  return pino(
    {
      level: known,
      base: { role },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_PATHS, censor: "[redacted]" },
    },
    stream,
  );
}

/**
 * `redis://a:b@c` -> `redis://a:[redacted]@c`, at any place in the text. What tells a user how to write a URL stays: `user[:password]@host` and
 * `[user:password@]host`, with these words.
 */
export const withoutPasswords = (text: string): string =>
  text.replace(/(\w:\/\/(?!user\[:password\]@|\[user:password@\])[^\s:@/"]*):[^\s@/"]+@/g, "$1:[redacted]@");

/** A JSON log line for people: `12:03:04 fetcher warn: message field=value`. In text that is not JSON, only control characters are escaped. */
export function shortLine(line: string, colour: boolean): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(line);
  } catch {
    return visibleText(line);
  }
  const { level, time, role, msg, err, ...fields } = entry;
  const details = Object.entries(fields).map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const shownLevel = level === "info" ? "" : ` ${level}`;
  const text = indentedText(`${String(time).slice(11, 19)} ${role}${shownLevel}: ${msg ?? ""}${details.join("")}${errorText(err)}`);
  const code = colour ? COLOURS[String(level)] : undefined;
  return code ? `${code}${text}\u001b[0m\n` : `${text}\n`;
}

function errorText(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const { code, message, stack } = error as { code?: string; message?: string; stack?: string };
  return code?.startsWith("E_") ? ` ${message} (${code})` : `\n${stack ?? message}`;
}
