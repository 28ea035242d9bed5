/** Parses a child's answer as untrusted input: anything that is not exactly in the runtime's format is refused. */
import {
  type Check,
  hasControls,
  isCount,
  isFlag,
  isMoment,
  isNonNegative,
  isNumber,
  isObject,
  isStorable,
} from "../core/protocol/checks.ts";
import { type CronTimes, cronProblem } from "../core/protocol/cron.ts";
import { FETCH_OPTION_ENTRIES } from "../core/protocol/fetch-options.ts";
import { unpackFollows, WRITTEN_OUT_FOLLOWS } from "../core/protocol/follow-list.ts";
import { JSON_LIMITS, mayExceed, measureJson } from "../core/protocol/json-limits.ts";
import type { ProjectMessage, ScriptInfo } from "../core/protocol/messages.ts";
import { isSession, LOGIN_TASKID, type Session } from "../core/protocol/session.ts";
import { SKIP_REASONS, type Skipped } from "../core/protocol/skipped.ts";
import { isStatusPolicies } from "../core/protocol/status-policy.ts";
import { type Follow, isMarkupParser, type ProcessOptions, type Schedule } from "../core/protocol/task.ts";
import { taskidOfUrl } from "../core/protocol/taskid.ts";
import { RUN_LIMITS } from "../sdk/run-limits.ts";

/** Why a run has no outcome. `large`, `deep`, `many`, `heavy` and `run` exceed a limit; `pageJson` names the limit that the page's JSON exceeds. */
export type AnswerFailure =
  | { kind: "page" | "session" | "large" | "deep" | "many" | "heavy" }
  | { kind: "pageJson"; verdict: "deep" | "many" }
  | { kind: "script" | "run"; message: string };

/** The output of one run. */
export type ScriptAnswer =
  | {
      ok: true;
      logs: string;
      follows: Follow[];
      skipped?: Skipped;
      messages: ProjectMessage[];
      stored?: unknown;
      info?: ScriptInfo;
      session?: Session;
      results: string[] | null;
    }
  | { ok: false; logs: string; failure: AnswerFailure };

type Fields = Record<string, unknown>;

/**
 * The first line is parsed; result rows stay text.
 *
 * @throws TypeError with the problem of the answer; SyntaxError if the first line is not JSON.
 */
export function readAnswer(text: string): ScriptAnswer {
  const [line, ...rows] = splitLines(text) as [string, ...string[]];
  const verdict = mayExceed(line, JSON_LIMITS.answer) ? measureJson(line, JSON_LIMITS.answer).verdict : "ok";
  if (verdict === "deep" || verdict === "many") return { ok: false, logs: "", failure: { kind: verdict } };
  const head = fields(JSON.parse(line), "answer");
  expect(isText(RUN_LIMITS.logs)(head.logs), "logs");
  const logs = head.logs as string;
  if (head.ok === false) return { ok: false, logs, failure: readFailure(head) };
  expect(head.ok === true, "ok");
  const failure = failureOfRows(rows) ?? (isHeavy(line) && hasHeavyTask(head) ? { kind: "heavy" as const } : undefined);
  if (failure) return { ok: false, logs, failure };
  const answer = {
    ok: true as const,
    logs,
    follows: readFollows(head.follows),
    messages: readMessages(head.messages),
    results: rows.length === 0 ? null : rows,
  };
  return {
    ...answer,
    ...("stored" in head ? { stored: head.stored } : {}),
    ...("info" in head ? { info: readInfo(head.info) } : {}),
    ...("session" in head ? { session: readSession(head.session) } : {}),
    ...("skipped" in head ? { skipped: readSkipped(head.skipped) } : {}),
  };
}

/** A text of only line breaks would become millions of lines. @throws TypeError */
function splitLines(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
    lines.push(text.slice(start, end));
    expect(lines.length <= RUN_LIMITS.rows, "rows");
    start = end + 1;
  }
  lines.push(text.slice(start));
  return lines;
}

/** Rows are checked as text: they are stored and shown without being parsed. @throws TypeError for a row that is not JSON. */
function failureOfRows(rows: string[]): { kind: "deep" | "many" } | undefined {
  let left: number = JSON_LIMITS.page.values;
  for (const row of rows) {
    const { verdict, values } = measureJson(row, { ...JSON_LIMITS.page, values: left });
    expect(verdict !== "invalid", "row");
    if (verdict !== "ok") return { kind: verdict };
    left -= values;
  }
  return undefined;
}

function readFailure(head: Fields): AnswerFailure {
  if (head.isPageFailure === true) return { kind: "page" };
  if (head.isSessionEnded === true) return { kind: "session" };
  if (head.isTooLarge === true) return { kind: "large" };
  if (head.pageJson === "deep" || head.pageJson === "many") return { kind: "pageJson", verdict: head.pageJson };
  expect(isText(4_000)(head.message), "message");
  return { kind: head.isOverLimit === true ? "run" : "script", message: head.message as string };
}

const isHeavy = (json: string) =>
  json.length > RUN_LIMITS.taskLength ||
  (mayExceed(json, JSON_LIMITS.task) && measureJson(json, JSON_LIMITS.answer).values > JSON_LIMITS.task.values);

/** The part of an answer that is copied into each task. Of a project's proxies it takes one. */
function hasHeavyTask({ follows, messages, stored, info }: Fields): boolean {
  const { proxy: _, ...defaults } = ((info as Fields | undefined)?.fetchDefaults ?? {}) as Fields;
  const carried = [stored, defaults, ...carriedBy(follows), ...(Array.isArray(messages) ? messages : [])];
  return carried.some((one) => one !== undefined && isHeavy(JSON.stringify(one)));
}

/** In the short form, what a task has besides its URL and id is in two places, each within the limit. */
function carriedBy(follows: unknown): unknown[] {
  if (Array.isArray(follows)) return follows;
  const { kinds, items } = isObject(follows) ? follows : {};
  return [...(Array.isArray(kinds) ? kinds : []), ...(Array.isArray(items) ? items.filter(hasSave) : [])];
}

const hasSave = (item: unknown) => Array.isArray(item) && item.length > 5;

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new TypeError(`bad ${what}`);
}

function fields(value: unknown, what: string): Fields {
  expect(isObject(value), what);
  return value;
}

/** For storage, with a maximum length. */
const isText =
  (length: number, least = 0): Check =>
  (value) =>
    isStorable(value) && value.length >= least && value.length <= length;
/** Postgres keeps priorities and retries as 32-bit integers. */
const isInteger: Check = (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const anything: Check = () => true;

const isUrl: Check = (value) => isText(RUN_LIMITS.urlLength, 1)(value) && !hasControls(value as string);

const SCHEDULE: { [K in keyof Required<Schedule>]: Check } = {
  priority: isInteger,
  retries: (value) => isInteger(value) && (value as number) >= 0,
  byStatus: isStatusPolicies,
  exetime: isMoment,
  age: isNumber,
  itag: isText(RUN_LIMITS.itagLength),
  forceUpdate: isFlag,
  autoRecrawl: isFlag,
  cancel: isFlag,
};

const FETCH: Record<string, Check> = Object.fromEntries(FETCH_OPTION_ENTRIES.map(([name, { isValid }]) => [name, isValid]));

const isMethodName = isText(255, 1);
const PROCESS: { [K in keyof Required<ProcessOptions>]: Check } = {
  callback: isMethodName,
  processTimeLimit: isNonNegative,
  parser: isMarkupParser,
  depth: isCount,
};

const FOLLOW: { [K in keyof Required<Omit<Follow, "project">>]: Check } = {
  taskid: (value) => isText(255, 1)(value) && (!(value as string).startsWith("_") || (value as string).startsWith(`${LOGIN_TASKID}_`)),
  url: (value) => isUrl(value) && /^(?:https?|data):/.test(value as string),
  schedule: (value) => hasOnly(SCHEDULE, value),
  fetch: (value) => hasOnly(FETCH, value),
  process: (value) => hasOnly(PROCESS, value) && "callback" in (value as Fields),
  save: anything,
};

const MESSAGE: { [K in keyof Required<ProjectMessage>]: Check } = {
  project: (value) => /^\w{1,64}$/.test(String(value)),
  url: isUrl,
  message: anything,
};

const INFO: { [K in keyof Required<ScriptInfo>]: Check } = {
  fetchDefaults: FOLLOW.fetch,
  retryDelaySeconds: (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= RUN_LIMITS.retryDelays && value.every(isNonNegative),
  hostDelaySeconds: (value) => isNonNegative(value) && (value as number) <= RUN_LIMITS.hostDelaySeconds,
  hostConcurrency: isCount,
  maxPages: isCount,
  every: (value) =>
    Array.isArray(value) && value.length <= 1_000 && value.every((one) => hasOnly({ callback: isMethodName, seconds: isCount }, one)),
  cron: (value) => Array.isArray(value) && value.length <= 100 && value.every(isCron),
  hasOnFinished: isFlag,
  hasLogin: isFlag,
  takesMessages: isFlag,
};

/** The scheduler calculates with these. */
const isCron: Check = (value) =>
  hasOnly({ callback: isMethodName, expression: isText(100, 1), timeZone: isText(100, 1) }, value) &&
  Object.keys(value as Fields).length === 3 &&
  cronProblem(value as CronTimes) === undefined;

/** Only the known fields, each valid. */
function hasOnly(checks: Record<string, Check>, value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  for (const [name, one] of Object.entries(value)) if (!(Object.hasOwn(checks, name) && (checks[name] as Check)(one))) return false;
  return true;
}

function readFollows(value: unknown): Follow[] {
  const follows = Array.isArray(value) ? value : unpackFollows(value, taskidOfUrl);
  expect(!Array.isArray(value) || value.length <= WRITTEN_OUT_FOLLOWS, "follows");
  for (const follow of follows) expect(hasOnly(FOLLOW, follow) && "taskid" in follow && "url" in follow && "process" in follow, "follow");
  return follows;
}

function readSkipped(value: unknown): Skipped {
  expect(hasOnly(Object.fromEntries(SKIP_REASONS.map((reason) => [reason, isCount])), value), "skipped");
  return value as Skipped;
}

function readSession(value: unknown): Session {
  expect(isSession(value), "session");
  return value as Session;
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
