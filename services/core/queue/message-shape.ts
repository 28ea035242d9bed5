/** The checks of a message or an inbox row before a role uses it. A malformed one must not stop a role. */
import {
  type Check,
  isBase64,
  isCount,
  isFlag,
  isNonNegative,
  isNumber,
  isObject,
  isStorable,
  isStorableJson,
} from "../protocol/checks.ts";
import type { DebugAnswer } from "../protocol/debug-step.ts";
import { MAX_KEPT_BYTES } from "../protocol/kept-page.ts";
import type { InboxRequest } from "../protocol/messages.ts";
import { isSession } from "../protocol/session.ts";
import { isStatusPolicies } from "../protocol/status-policy.ts";
import { isMarkupParser } from "../protocol/task.ts";
import { isTaskSelection } from "../protocol/task-selection.ts";
import type { QueueName } from "./queue.ts";

/** For indexed columns: an index entry has room for 2,704 bytes. Tick ids, the longest, are a method's name of up to 255 characters and a number. */
const isKey: Check = (value) => isStorable(value) && value.length <= 300;
/** Postgres decodes it. */
const isKeptPage: Check = (value) => isBase64(value) && (value as string).length <= (4 / 3) * MAX_KEPT_BYTES + 4;
const isString: Check = (value) => typeof value === "string";
/** For times and sizes, which are summed. */
const isAmount: Check = (value) => isNonNegative(value) && (value as number) <= Number.MAX_SAFE_INTEGER;

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

/** For columns of which statements read a part. */
const storable =
  (check: Check): Check =>
  (value) =>
    check(value) && isStorableJson(value);

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

const DISPATCH: Shape = { project: isKey, taskid: isKey, attempt: isCount, url: isStorable };
const PROCESS = storable(
  hasShape({ callback: isStorable, processTimeLimit: optional(isNonNegative), parser: optional(isMarkupParser), depth: optional(isCount) }),
);
const ERROR = hasShape({ code: isString, message: isString, retryable: isFlag });

const STEP = hasShape({ id: isKey, compiled: isString });
const ORDER: Shape = {
  ...DISPATCH,
  ...{ fetch: isObject, process: PROCESS, scriptHash: isString, retried: isCount, step: optional(STEP) },
  ...{ keepsPage: optional(isFlag), keptPage: optional(isKeptPage) },
};

const CAPTURED = hasShape({ url: isString, method: isString, statusCode: isNumber, headers: isObject, text: isString });

const PAGE = hasShape({
  ...{ url: isString, origUrl: isString, statusCode: isNumber, headers: isObject, cookies: isObject, timeMs: isNumber },
  ...{ error: optional(ERROR), crawlDelaySeconds: optional(isNonNegative), screenshot: optional(isString) },
  ...{ requests: optional(listOf(CAPTURED)), warnings: optional(listOf(isString)) },
});

const FETCH_TRACK = storable(
  hasShape({
    ...{ ok: isFlag, statusCode: isNumber, timeMs: isAmount, bytes: isAmount, redirectUrl: optional(isString), error: optional(ERROR) },
    ...{
      retryAfterSeconds: optional(isNonNegative),
      crawlDelaySeconds: optional(isNonNegative),
      isBlocked: optional(isFlag),
      etag: optional(isString),
      lastModified: optional(isString),
    },
  }),
);
const PROCESS_TRACK = storable(
  hasShape({
    ...{ ok: isFlag, timeMs: isAmount, follows: isAmount, logs: isString, error: optional(ERROR) },
    skipped: optional((value) => isObject(value) && Object.values(value).every(isAmount)),
  }),
);

const SCHEDULE = hasShape({
  ...{
    priority: optional(isNumber),
    retries: optional(isNumber),
    exetime: optional(isNumber),
    age: optional(isNumber),
    itag: optional(isString),
  },
  ...{ forceUpdate: optional(isFlag), autoRecrawl: optional(isFlag), cancel: optional(isFlag), byStatus: optional(isStatusPolicies) },
});
const FOLLOW = hasShape({
  taskid: isKey,
  url: isStorable,
  schedule: optional(SCHEDULE),
  fetch: optional(storable(isObject)),
  process: PROCESS,
});
const MESSAGE = hasShape({ project: isKey, url: isStorable });

const EVERY = hasShape({ callback: isStorable, seconds: (value) => isCount(value) && value !== 0 });
const CRON = hasShape({ callback: isStorable, expression: isStorable, timeZone: isStorable });
const INFO = hasShape({
  ...{ fetchDefaults: isObject, every: listOf(EVERY), cron: optional(listOf(CRON)), hasOnFinished: isFlag },
  ...{
    retryDelaySeconds: optional(listOf(isNonNegative)),
    hostDelaySeconds: optional(isNonNegative),
    hostConcurrency: optional(isNonNegative),
    maxPages: optional(isCount),
    hasLogin: optional(isFlag),
  },
});

/** What a callback did. */
const CALLBACK: Shape = {
  ...{ process: PROCESS_TRACK, info: optional(INFO), session: optional(isSession) },
  ...{ results: (value) => value === null || listOf(isStorable)(value), follows: listOf(FOLLOW), messages: listOf(MESSAGE) },
};
const OUTCOME: Shape = {
  ...DISPATCH,
  ...{ kind: (value) => value === "outcome", run: isStorable, fetch: FETCH_TRACK, dead: optional(isObject) },
  keptPage: optional(isKeptPage),
  ...CALLBACK,
};
const ANSWER: Part[] = Object.entries({ ...CALLBACK, page: PAGE, bytes: isAmount });

const PARTS: Record<QueueName, Part[]> = {
  scheduler2fetcher: Object.entries(ORDER),
  fetcher2processor: Object.entries({ order: hasShape(ORDER), page: PAGE }),
  processor2result: Object.entries(OUTCOME),
  status_queue: Object.entries(OUTCOME),
};

/** @throws Error that names the missing or invalid part. */
export function requireShape(queue: QueueName, message: unknown): void {
  if (!isObject(message)) throw new Error("not an object");
  if (queue === "status_queue" && message.kind === "poke") return;
  const problem = problemOf(PARTS[queue], message);
  if (problem !== undefined) throw new Error(`${problem} is missing or invalid in ${queue}`);
}

/** @throws Error that names the missing or invalid part of an answer to a step of the debugger. */
export function requireAnswerShape(answer: unknown): asserts answer is DebugAnswer {
  const problem = isObject(answer) ? problemOf(ANSWER, answer) : "everything";
  if (problem !== undefined) throw new Error(`${problem} is missing or invalid in an answer to the debugger`);
}

const OF_PROJECT: Shape = { project: isKey };
/** By kind. A map, because a kind may have the name of a property that every object has. */
const REQUESTS = new Map<unknown, Part[]>(
  Object.entries({
    follows: { ...OF_PROJECT, follows: listOf(FOLLOW) },
    project: OF_PROJECT,
    rerun: { ...OF_PROJECT, taskid: isKey },
    rerunFailed: OF_PROJECT,
    rerunSelected: { ...OF_PROJECT, selection: isTaskSelection, keptPages: isFlag },
    clear: OF_PROJECT,
    delete: OF_PROJECT,
  } satisfies Record<InboxRequest["kind"], Shape>).map(([kind, shape]) => [kind, Object.entries(shape)]),
);

/** @throws Error that names the missing or invalid part of an inbox row. */
export function requireRequestShape(request: unknown): asserts request is InboxRequest {
  if (!isObject(request)) throw new Error("not an object");
  const parts = REQUESTS.get(request.kind);
  if (!parts) throw new Error("an unknown kind of request");
  const problem = problemOf(parts, request);
  if (problem !== undefined) throw new Error(`${problem} is missing or invalid in a request ${request.kind}`);
}
