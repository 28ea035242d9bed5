/**
 * Messages as stream entries: `m` is JSON, `b` the raw bytes of a page, `d` how often the message was delivered before it was put back. A large
 * message has `l` instead of `m` and `b`, its size, and these lie in another stream.
 */
import { isObject } from "../checks.ts";
import type { FetchedPage, QueueMessages } from "../messages.ts";
import type { Put, QueueName } from "../queue.ts";
import { requireShape } from "./message-shape.ts";

const LARGE_FIELD = "l".charCodeAt(0);

export interface EncodedMessage {
  text: string;
  /** Absent when empty. */
  bytes?: Buffer;
}

export function encodeMessage({ queue, message }: Put): EncodedMessage {
  if (queue !== "fetcher2processor") return { text: JSON.stringify(message) };
  const { content, ...page } = message.page;
  const text = JSON.stringify({ order: message.order, page });
  if (content.length === 0) return { text };
  return { text, bytes: Buffer.from(content.buffer, content.byteOffset, content.byteLength) };
}

export interface DecodedMessage<Q extends QueueName> {
  message: QueueMessages[Q];
  /** Deliveries before the message was put back; 0 for one that never was. */
  deliveredBefore: number;
}

/**
 * Reads an entry's fields `[name, value, …]`.
 *
 * @throws Error that names the part that is missing, or none.
 */
export function decodeMessage<Q extends QueueName>(queue: Q, fields: Buffer[]): DecodedMessage<Q> {
  let text: Buffer | undefined;
  let bytes: Buffer | undefined;
  let deliveredBefore = 0;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = fields[at]?.toString();
    if (name === "m") text = fields[at + 1];
    if (name === "b") bytes = fields[at + 1];
    if (name === "d") deliveredBefore = Number(fields[at + 1]?.toString());
  }
  if (!text) throw new Error("no field m");
  const message: unknown = JSON.parse(text.toString());
  if (queue === "fetcher2processor") attachContent(message, bytes);
  requireShape(queue, message);
  return { message: message as QueueMessages[Q], deliveredBefore };
}

/** How many bytes lie elsewhere; undefined when the entry is the whole message. */
export function largeBytes(fields: Buffer[]): number | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field.length === 1 && field[0] === LARGE_FIELD);
  return at < 0 ? undefined : Number(fields[at + 1]?.toString());
}

function attachContent(message: unknown, bytes: Buffer | undefined): void {
  const page = isObject(message) ? message.page : undefined;
  if (isObject(page)) (page as Partial<FetchedPage["page"]>).content = bytes ?? new Uint8Array();
}
