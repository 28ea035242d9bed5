/** Reads what a child answered, as a stranger's letter: anything that is not exactly what the runtime writes is refused. */
import { type Check, isCount, isFlag, isMoment, isNumber, isObject, isPositive, isStorable, isViewport } from "../../core/checks.ts";
import { type CronTimes, cronProblem } from "../../core/cron.ts";
import type { ProjectMessage, ScriptInfo } from "../../core/messages.ts";
import type { Bytes, FetchOptions, Follow, ProcessOptions, Schedule } from "../../core/task.ts";
import { RUN_LIMITS } from "../api/run-limits.ts";

/** What one run gave back. */
export type ScriptAnswer =
  | { ok: true; logs: string; follows: Follow[]; messages: ProjectMessage[]; stored?: unknown; info?: ScriptInfo; results: string[] | null }
  | {
      ok: false;
      logs: string;
      failure: { kind: "page" } | { kind: "large" } | { kind: "deep" } | { kind: "heavy" } | { kind: "script"; message: string };
    };

type Fields = Record<string, unknown>;

/** @throws TypeError saying what is wrong with the answer; SyntaxError when a line is no JSON. */
export function readAnswer(text: string): ScriptAnswer {
  const lines = text.split("\n");
  const head = fields(JSON.parse(lines[0] as string), "answer");
  expect(isText(RUN_LIMITS.logs)(head.logs), "logs");
  const logs = head.logs as string;
  if (head.ok === false) return { ok: false, logs, failure: readFailure(head) };
  expect(head.ok === true, "ok");
  const [, ...rows] = lines;
  const isDeep = [head, ...rows.map((row) => JSON.parse(row) as unknown)].some((value) => !isShallow(value));
  if (isDeep) return { ok: false, logs, failure: { kind: "deep" } };
  if (text.length > RUN_LIMITS.taskLength && hasHeavyTask(head)) return { ok: false, logs, failure: { kind: "heavy" } };
  const answer = {
    ok: true as const,
    logs,
    follows: readFollows(head.follows),
    messages: readMessages(head.messages),
    results: readRows(rows),
  };
  return { ...answer, ...("stored" in head ? { stored: head.stored } : {}), ...("info" in head ? { info: readInfo(head.info) } : {}) };
}

function readFailure(head: Fields) {
  if (head.isPageFailure === true) return { kind: "page" as const };
  if (head.isTooLarge === true) return { kind: "large" as const };
  expect(isText(4_000)(head.message), "message");
  return { kind: "script" as const, message: head.message as string };
}

/** What goes along with a task wherever it goes. Of a project's proxies it takes one. */
function hasHeavyTask({ follows, messages, stored, info }: Fields): boolean {
  const { proxy: _, ...defaults } = ((info as Fields | undefined)?.fetchDefaults ?? {}) as Fields;
  const carried = [stored, defaults, ...(Array.isArray(follows) ? follows : []), ...(Array.isArray(messages) ? messages : [])];
  return carried.some((one) => (JSON.stringify(one)?.length ?? 0) > RUN_LIMITS.taskLength);
}

/** The rows stay text: they are stored as such. */
function readRows(rows: string[]): string[] | null {
  expect(rows.length <= RUN_LIMITS.rows, "rows");
  return rows.length === 0 ? null : rows;
}

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new TypeError(`bad ${what}`);
}

function fields(value: unknown, what: string): Fields {
  expect(isObject(value), what);
  return value;
}

/** To be stored, at most so long. */
const isText =
  (length: number, least = 0): Check =>
  (value) =>
    typeof value === "string" && value.length >= least && value.length <= length && isStorable(value);
/** Postgres keeps priorities and retries as 32-bit integers. */
const isInteger: Check = (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const isOneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value as string);
const isEither =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const anything: Check = () => true;

const FREE_TEXT = isText(RUN_LIMITS.answerBytes);
const isTexts: Check = (value) =>
  isObject(value) && Object.entries(value).every(([name, text]) => name !== "__proto__" && FREE_TEXT(name) && FREE_TEXT(text));

const isBytes: Check = (value) =>
  typeof value === "object" && value !== null && Object.keys(value).join() === "base64" && FREE_TEXT((value as Bytes).base64);

const SCHEDULE: { [K in keyof Required<Schedule>]: Check } = {
  priority: isInteger,
  retries: (value) => isInteger(value) && (value as number) >= 0,
  exetime: isMoment,
  age: isNumber,
  itag: isText(RUN_LIMITS.itagLength),
  forceUpdate: isFlag,
  autoRecrawl: isFlag,
  cancel: isFlag,
};

const FETCH: { [K in keyof Required<FetchOptions>]: Check } = {
  method: (value) => /^[A-Z]{1,32}$/.test(String(value)),
  headers: isTexts,
  data: isEither(FREE_TEXT, isBytes),
  cookies: isTexts,
  connectTimeout: isPositive,
  timeout: isPositive,
  allowRedirects: isFlag,
  maxRedirects: isCount,
  validateCert: isFlag,
  etag: isEither(isFlag, FREE_TEXT),
  lastModified: isEither(isFlag, FREE_TEXT),
  maxBodyBytes: isCount,
  proxy: (value) => value === false || FREE_TEXT(value) || (Array.isArray(value) && value.length <= 1_000 && value.every(FREE_TEXT)),
  robotsTxt: isFlag,
  fetchType: isOneOf("js", "http"),
  jsScript: FREE_TEXT,
  jsRunAt: isOneOf("document-start", "document-end"),
  jsViewportWidth: isViewport,
  jsViewportHeight: isViewport,
  loadImages: isFlag,
  screenshot: isFlag,
};

const isMethodName = isText(255, 1);
const PROCESS: { [K in keyof Required<ProcessOptions>]: Check } = { callback: isMethodName, processTimeLimit: isPositive };

const FOLLOW: { [K in keyof Required<Omit<Follow, "project">>]: Check } = {
  taskid: (value) => isText(255, 1)(value) && !(value as string).startsWith("_"),
  url: (value) => isText(RUN_LIMITS.urlLength)(value) && /^(?:https?|data):/.test(value as string),
  schedule: (value) => hasOnly(SCHEDULE, value),
  fetch: (value) => hasOnly(FETCH, value),
  process: (value) => hasOnly(PROCESS, value) && "callback" in (value as Fields),
  save: anything,
};

const MESSAGE: { [K in keyof Required<ProjectMessage>]: Check } = {
  project: (value) => /^\w{1,64}$/.test(String(value)),
  url: isText(RUN_LIMITS.urlLength, 1),
  message: anything,
};

const INFO: { [K in keyof Required<ScriptInfo>]: Check } = {
  fetchDefaults: FOLLOW.fetch,
  retryDelaySeconds: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= RUN_LIMITS.retryDelays && value.every(isPositive),
  hostDelaySeconds: (value) => isPositive(value) && (value as number) <= RUN_LIMITS.hostDelaySeconds,
  hostConcurrency: isCount,
  every: (value) =>
    Array.isArray(value) && value.length <= 1_000 && value.every((one) => hasOnly({ callback: isMethodName, seconds: isCount }, one)),
  cron: (value) => Array.isArray(value) && value.length <= 100 && value.every(isCron),
  hasOnFinished: isFlag,
  takesMessages: isFlag,
};

/** The scheduler computes with these. */
const isCron: Check = (value) =>
  hasOnly({ callback: isMethodName, expression: isText(100, 1), timeZone: isText(100, 1) }, value) &&
  Object.keys(value as Fields).length === 3 &&
  cronProblem(value as CronTimes) === undefined;

/** Nothing but the known fields, each as it must be. */
function hasOnly(checks: Record<string, Check>, value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const [name, one] of Object.entries(value)) if (!(Object.hasOwn(checks, name) && (checks[name] as Check)(one))) return false;
  return true;
}

function readFollows(value: unknown): Follow[] {
  expect(Array.isArray(value) && value.length <= RUN_LIMITS.follows, "follows");
  for (const follow of value) expect(hasOnly(FOLLOW, follow) && "taskid" in follow && "url" in follow && "process" in follow, "follow");
  return value;
}

function readMessages(value: unknown): ProjectMessage[] {
  expect(Array.isArray(value) && value.length <= RUN_LIMITS.messages, "messages");
  for (const message of value)
    expect(hasOnly(MESSAGE, message) && "project" in message && "url" in message && "message" in message, "message");
  return value;
}

function readInfo(value: unknown): ScriptInfo {
  expect(
    hasOnly(INFO, value) && "fetchDefaults" in (value as Fields) && "every" in (value as Fields) && "hasOnFinished" in (value as Fields),
    "info",
  );
  return value as ScriptInfo;
}

/** Not nested deeper than RUN_LIMITS.jsonDepth. */
export function isShallow(value: unknown, depth: number = RUN_LIMITS.jsonDepth): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((one) => isShallow(one, depth - 1));
}
