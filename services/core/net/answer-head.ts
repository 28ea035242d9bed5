/** Heads of HTTP/1 answers that browsers read although they break the standard, and the standard's form of them. */

const STRICT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those that no value may have.
  /^HTTP\/1\.[01] \d{3}(?: [^\r\n]*)?\r\n(?:[!#$%&'*+\-.^_`|~\dA-Za-z]+:[^\r\n\0-\x08\x0b-\x1f\x7f]*\r\n)*\r\n$/;
/** A version that is missing, strange, or Shoutcast's; a missing status is 200 in Chromium. */
const STATUS_LINE = /^(?:HTTP(?:\/(\d+)\.(\d+))?|HTTP\/\d+|ICY)(?:[ \t]+(\d{3})(?!\d)[ \t]*(.*))?$/i;
const NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: those that no value may have. NUL stays, as an error.
const CONTROLS = /[\x01-\x08\x0b-\x1f\x7f]/g;

type Field = [name: string, value: string];

/** How the body that follows a head is delimited. */
export type BodyFrame = "chunked" | "other";

export interface AnswerHead {
  /** In the standard's form; as received if it was, or if browsers do not read it either. */
  head: string;
  statusCode: number;
  frame: BodyFrame;
}

/**
 * Reads a head as curl or Chromium does, and writes it so that a strict parser accepts it: lines that end in LF alone, folded headers, equal lengths,
 * a length beside chunks, headers without a colon or with an invalid name (dropped), control characters (spaces), `ICY 200 OK`.
 *
 * @param head Latin-1, from the status line to the empty line.
 */
export function readAnswerHead(head: string): AnswerHead {
  const isChunked = /\ntransfer-encoding:[^\n]*chunked/i.test(head);
  const isStrict = STRICT.test(head) && !mayClash(head);
  return isStrict ? { head, statusCode: Number(head.slice(9, 12)), frame: isChunked ? "chunked" : "other" } : repair(head);
}

/** Whether more than one header may say how long the body is. */
const mayClash = (head: string) =>
  (head.match(/\n(?:content-length|transfer-encoding):/gi)?.length ?? 0) > 1 || /\ncontent-length:[^\n]*,/i.test(head);

function repair(head: string): AnswerHead {
  const lines = head.split(/\r?\n/).slice(0, -2);
  const [first = "", ...rest] = unfold(lines);
  const status = STATUS_LINE.exec(first);
  if (!status) return { head, statusCode: 0, frame: "other" };
  const [, major, minor, statusCode = "200", reason = ""] = status;
  const version = major === "1" && minor === "0" ? "1.0" : major === undefined ? "1.0" : "1.1";
  const fields = frameFields(rest.flatMap(readField));
  const written = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const frame = fields.some(([name]) => isNamed(name, "transfer-encoding")) ? "chunked" : "other";
  return { head: `HTTP/${version} ${statusCode} ${reason.replaceAll("\r", " ")}\r\n${written}\r\n`, statusCode: Number(statusCode), frame };
}

/** A line that begins with a space continues the one before it (RFC 9112, section 5.2). */
function unfold(lines: string[]): string[] {
  const whole: string[] = [];
  for (const line of lines) {
    if (/^[ \t]/.test(line) && whole.length > 1) whole.push(`${whole.pop()} ${line.trim()}`);
    else whole.push(line);
  }
  return whole;
}

function readField(line: string): Field[] {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon)).trim();
  const raw = line.slice(colon + 1).trim();
  // Browsers refuse such cookies.
  if (!NAME.test(name) || (isNamed(name, "set-cookie") && CONTROLS.test(raw))) return [];
  return [[name, raw.replace(CONTROLS, " ")]];
}

const isNamed = (name: string, wanted: string) => name.toLowerCase() === wanted;

/** Chunks win over lengths (RFC 9112, section 6.3), other transfer codings are ignored as in Chromium, and equal lengths are one. */
function frameFields(fields: Field[]): Field[] {
  const isLength = ([name]: Field) => isNamed(name, "content-length");
  const isCoding = ([name]: Field) => isNamed(name, "transfer-encoding");
  const others = fields.filter((field) => !isLength(field) && !isCoding(field));
  if (fields.some((field) => isCoding(field) && /\bchunked\b/i.test(field[1]))) return [...others, ["Transfer-Encoding", "chunked"]];
  const lengths = new Set(fields.filter(isLength).flatMap(([, value]) => value.split(",").map((one) => one.trim())));
  return [...others, ...[...lengths].map((value): Field => ["Content-Length", value])];
}
