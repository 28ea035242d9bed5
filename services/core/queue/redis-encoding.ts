/**
 * Messages as stream entries: `m` is JSON, `b` the raw bytes of a page, `d` the number of deliveries before the message was released. A large
 * message has `l` instead of `m` and `b`: its size. Its `m` and `b` are in another stream.
 */
import { isObject } from "../protocol/checks.ts";
import type { DebugAnswer } from "../protocol/debug-step.ts";
import { packFollows, unpackFollows, WRITTEN_OUT_FOLLOWS } from "../protocol/follow-list.ts";
import { JSON_LIMITS, parseJson } from "../protocol/json-limits.ts";
import type { FetchedPage, Outcome, Poke, QueueMessages } from "../protocol/messages.ts";
import { taskidOfUrl } from "../protocol/taskid.ts";
import { requireAnswerShape, requireShape } from "./message-shape.ts";
import type { Put, QueueName } from "./queue.ts";

const LARGE_FIELD = "l".charCodeAt(0);

export interface EncodedMessage {
  text: string;
  /** Absent when empty. */
  bytes?: Buffer;
}

export function encodeMessage({ queue, message }: Put): EncodedMessage {
  if (queue === "scheduler2fetcher") return { text: JSON.stringify(message) };
  if (queue !== "fetcher2processor") return { text: JSON.stringify(withShortFollows(message)) };
  const { content, ...page } = message.page;
  const text = JSON.stringify({ order: message.order, page });
  if (content.length === 0) return { text };
  return { text, bytes: Buffer.from(content.buffer, content.byteOffset, content.byteLength) };
}

function withShortFollows(message: Outcome | Poke): object {
  if (message.kind === "poke" || message.follows.length <= WRITTEN_OUT_FOLLOWS) return message;
  return { ...message, follows: packFollows(message.follows, { identify: taskidOfUrl }) };
}

export interface DecodedMessage<Q extends QueueName> {
  message: QueueMessages[Q];
  /** Deliveries before the message was released; 0 if it never was. */
  deliveredBefore: number;
}

/**
 * Reads an entry's fields `[name, value, …]`. JSON above the limit of a message is not parsed.
 *
 * @throws Error that names the missing or invalid part, or the limit.
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
  const message = parseJson(text.toString(), JSON_LIMITS.message);
  if (queue === "fetcher2processor") attachContent(message, bytes);
  else if (isObject(message) && isObject(message.follows)) message.follows = unpackFollows(message.follows, taskidOfUrl);
  requireShape(queue, message);
  return { message: message as QueueMessages[Q], deliveredBefore };
}

export const encodeAnswer = ({ page, ...answer }: DebugAnswer): string =>
  JSON.stringify({ ...answer, page: { ...page, content: Buffer.from(page.content).toString("base64") } });

/** @throws Error that names the missing or invalid part, or the limit. */
export function decodeAnswer(text: string): DebugAnswer {
  const answer = parseJson(text, JSON_LIMITS.message);
  requireAnswerShape(answer);
  return { ...answer, page: { ...answer.page, content: Buffer.from(String(answer.page.content), "base64") } };
}

/** The number of bytes stored elsewhere; undefined if the entry is the whole message. */
export function largeBytes(fields: Buffer[]): number | undefined {
  const at = fields.findIndex((field, index) => index % 2 === 0 && field.length === 1 && field[0] === LARGE_FIELD);
  return at < 0 ? undefined : Number(fields[at + 1]?.toString());
}

function attachContent(message: unknown, bytes: Buffer | undefined): void {
  const page = isObject(message) ? message.page : undefined;
  if (isObject(page)) (page as Partial<FetchedPage["page"]>).content = bytes ?? new Uint8Array();
}
