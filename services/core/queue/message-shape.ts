/** What a message must be before a role works on it: whoever else writes to the queue server, or garbles what is in it, stops nobody. */
import { type Check, isCount, isFlag, isNumber, isObject, isPositive, isStorable } from "../checks.ts";
import type { QueueName } from "../queue.ts";

const isText: Check = (value) => typeof value === "string" && isStorable(value);
/** Of what stands in an index: an entry has room for 2,704 bytes. Ids of ticks, the longest, are a method's name of up to 255 characters and a number. */
const isKey: Check = (value) => isText(value) && (value as string).length <= 300;
const isString: Check = (value) => typeof value === "string";
/** Of times and sizes, which are added up. */
const isAmount: Check = (value) => isNumber(value) && (value as number) >= 0 && (value as number) <= Number.MAX_SAFE_INTEGER;

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

type Shape = Record<string, Check>;
type Part = [name: string, check: Check];

const hasShape = (shape: Shape): Check => {
  const parts = Object.entries(shape);
  return (value) => isObject(value) && problemOf(parts, value) === undefined;
};

function problemOf(parts: Part[], value: Record<string, unknown>): string | undefined {
  for (const [name, check] of parts) if (!check(value[name])) return name;
  return undefined;
}

const DISPATCH: Shape = { project: isKey, taskid: isKey, attempt: isCount, url: isText };
const PROCESS = hasShape({ callback: isText, processTimeLimit: optional(isPositive) });
const ERROR = hasShape({ code: isString, message: isString, retryable: isFlag });

const ORDER: Shape = { ...DISPATCH, fetch: isObject, process: PROCESS, scriptHash: isString, retried: isCount };

const PAGE = hasShape({
  ...{ url: isString, origUrl: isString, statusCode: isNumber, headers: isObject, cookies: isObject, timeMs: isNumber },
  ...{ error: optional(ERROR), crawlDelaySeconds: optional(isPositive), screenshot: optional(isString) },
});

const FETCH_TRACK = hasShape({
  ...{ ok: isFlag, statusCode: isNumber, timeMs: isAmount, bytes: isAmount, redirectUrl: optional(isString), error: optional(ERROR) },
  ...{
    retryAfterSeconds: optional(isPositive),
    crawlDelaySeconds: optional(isPositive),
    etag: optional(isString),
    lastModified: optional(isString),
  },
});
const PROCESS_TRACK = hasShape({ ok: isFlag, timeMs: isAmount, follows: isAmount, logs: isString, error: optional(ERROR) });

const SCHEDULE = hasShape({
  ...{
    priority: optional(isNumber),
    retries: optional(isNumber),
    exetime: optional(isNumber),
    age: optional(isNumber),
    itag: optional(isString),
  },
  ...{ forceUpdate: optional(isFlag), autoRecrawl: optional(isFlag), cancel: optional(isFlag) },
});
const FOLLOW = hasShape({ taskid: isKey, url: isText, schedule: optional(SCHEDULE), fetch: optional(isObject), process: PROCESS });
const MESSAGE = hasShape({ project: isKey, url: isText });

const EVERY = hasShape({ callback: isText, seconds: (value) => isCount(value) && value !== 0 });
const CRON = hasShape({ callback: isText, expression: isText, timeZone: isText });
const INFO = hasShape({
  ...{ fetchDefaults: isObject, every: listOf(EVERY), cron: optional(listOf(CRON)), hasOnFinished: isFlag },
  ...{ retryDelaySeconds: optional(listOf(isPositive)), hostDelaySeconds: optional(isPositive), hostConcurrency: optional(isPositive) },
});

const OUTCOME: Shape = {
  ...DISPATCH,
  ...{
    kind: (value) => value === "outcome",
    run: isText,
    fetch: FETCH_TRACK,
    process: PROCESS_TRACK,
    info: optional(INFO),
    dead: optional(isObject),
  },
  ...{ results: (value) => value === null || listOf(isText)(value), follows: listOf(FOLLOW), messages: listOf(MESSAGE) },
};

const PARTS: Record<QueueName, Part[]> = {
  scheduler2fetcher: Object.entries(ORDER),
  fetcher2processor: Object.entries({ order: hasShape(ORDER), page: PAGE }),
  processor2result: Object.entries(OUTCOME),
  status_queue: Object.entries(OUTCOME),
};

/** @throws Error that names the part that is missing, or none. */
export function requireShape(queue: QueueName, message: unknown): void {
  if (!isObject(message)) throw new Error("not an object");
  if (queue === "status_queue" && message.kind === "poke") return;
  const problem = problemOf(PARTS[queue], message);
  if (problem !== undefined) throw new Error(`${problem} is missing, or not what it is in ${queue}`);
}
