/** The inputs of the REST API, strict and checked, and its answers. */
import { z } from "zod";
import { MAX_COLUMNS, parseFields } from "../core/export/columns.ts";
import { RESULT_FORMATS } from "../core/export/formats.ts";
import { isStorable } from "../core/protocol/checks.ts";
import { fetchSchema } from "../core/protocol/fetch-schema.ts";
import { describeExcess, JSON_LIMITS, measureJson } from "../core/protocol/json-limits.ts";
import { PROJECT_STATUSES } from "../core/protocol/task.ts";
import { SELECTION_LENGTHS } from "../core/protocol/task-selection.ts";
import { RUN_LIMITS } from "../sdk/run-limits.ts";
import { TASK_STATUSES } from "./answer-schemas.ts";
import { COUNTER_WINDOW_NAMES } from "./store/counter-queries.ts";

export * from "./answer-schemas.ts";

/** Shown as the remedy when a name is refused. */
const NAME_REMEDY = "use 1 to 64 letters a-z, A-Z, digits and _";
export const projectName = z.string(NAME_REMEDY).regex(/^[A-Za-z0-9_]{1,64}$/, NAME_REMEDY);
export const projectParams = z.strictObject({ name: projectName });

const TEXT_REMEDY = "write text without NUL characters or lone surrogates";
const text = (maxLength: number) =>
  z
    .string(`${TEXT_REMEDY}, at most ${maxLength} characters`)
    .max(maxLength, `write at most ${maxLength} characters`)
    .refine(isStorable, TEXT_REMEDY);

/** Query of `GET /projects` and `GET /summary`. A name that no project can have finds none. */
export const projectsQuery = z.strictObject({ name: text(1_024).describe("only this project, if it exists").optional() });

/** Query of `GET /counters`. */
export const countersQuery = z.strictObject({ project: text(1_024).describe("only this project, if it has any").optional() });

const EVENT_PATHS = 8;
const eventPath = text(2_400);
/** Query of `GET /events`. */
export const eventQuery = z.strictObject({
  path: z
    .union([eventPath, z.array(eventPath).max(EVENT_PATHS, `write at most ${EVENT_PATHS} paths`)])
    .describe("a path with its query, such as /projects/books/tasks?status=FAILED; up to 8 of them"),
});

export const taskParams = z.strictObject({ project: projectName, taskid: text(1_024).min(1, "write the task's id") });

export interface Caps {
  maxRate: number;
  maxBurst: number;
}

const numberUpTo = (max: number) => {
  const remedy = `write a number from 0 to ${max}`;
  return z.number(remedy).min(0, remedy).max(max, remedy);
};

/** Of pages a project keeps. Their sizes are added up every ten seconds. */
const MAX_KEPT_MIB = 4_096;
const MAX_KEPT_DAYS = 365;
const wholeUpTo = (max: number) => {
  const remedy = `write a whole number from 1 to ${max}`;
  return z.int(remedy).min(1, remedy).max(max, remedy);
};

/** Body of `PUT /projects/:name`. */
export const projectBody = ({ maxRate, maxBurst }: Caps) =>
  z.strictObject(
    {
      script: text(1_000_000).min(1, "write the source of a class that extends Crawler").describe("TypeScript source").optional(),
      status: z.enum(PROJECT_STATUSES, `write one of ${PROJECT_STATUSES.join(", ")}`).optional(),
      rate: numberUpTo(maxRate).describe("tasks a second").optional(),
      burst: numberUpTo(maxBurst).describe("tasks at once").optional(),
      group: text(200)
        .describe("free text; with the word `delete` a stopped project is deleted after a day, with `lock` it cannot be changed")
        .optional(),
      comments: text(10_000).optional(),
      keepPages: z
        .strictObject({ mib: wholeUpTo(MAX_KEPT_MIB), days: wholeUpTo(MAX_KEPT_DAYS) })
        .nullable()
        .describe("keep the last page of each task, compressed, within these limits; null, the default: keep none")
        .optional(),
      ifSourceHash: z
        .string()
        .regex(/^[0-9a-f]{64}$/, "send `sourceHash` of the project unchanged")
        .describe("refuse the change with 409 if the stored source has another hash: another user saved it")
        .optional(),
    },
    { error: (issue) => (issue.code === "invalid_type" ? "send a JSON object" : undefined) },
  );
export type ProjectBody = z.infer<ReturnType<typeof projectBody>>;

/** Body of `POST /projects/:name/messages`. */
export const messageBody = z.strictObject({
  message: z
    .unknown()
    .refine((value) => value !== undefined, { error: "write a JSON value", abort: true })
    .superRefine((value, context) => {
      const json = JSON.stringify(value);
      const { verdict } = measureJson(json, JSON_LIMITS.task);
      if (verdict === "deep" || verdict === "many") context.addIssue(`this has ${describeExcess(verdict, JSON_LIMITS.task)}: send less`);
      else if (json.length > RUN_LIMITS.taskLength)
        context.addIssue(`write at most ${RUN_LIMITS.taskLength} characters of JSON, as scripts may send`);
    }),
  url: text(8_192)
    .min(1, "write the message's URL, or leave the field out")
    .describe("the message's URL: a result of onMessage replaces that of an earlier message with the same URL")
    .optional(),
});

const PAGE_SOURCE = z.enum(["live", "stored"], "write live or stored");

const selection = {
  callback: text(SELECTION_LENGTHS.callback).min(1, "write a method's name, or leave the field out").describe("of the tasks").optional(),
  code: text(SELECTION_LENGTHS.code).min(1, "write an error code, or leave the field out").describe("of their last run's error").optional(),
  url: text(SELECTION_LENGTHS.url)
    .min(1, "write a part of a URL, or leave the field out")
    .describe("a part of their URLs, with * for any characters")
    .optional(),
};
/** Query of `GET /projects/:name/rerun`. */
export const rerunQuery = z.strictObject(selection);
/** Body of `POST /projects/:name/rerun`. */
export const rerunBody = z.strictObject({
  ...selection,
  page: PAGE_SOURCE.default("live").describe("`stored`: tasks of which a page is kept run from it; the others are fetched"),
});

/** Body of `POST /projects/:name/debug`. */
export const debugBody = z.strictObject({
  script: text(1_000_000).min(1, "write the source of a class that extends Crawler").describe("TypeScript source; it is not saved"),
  url: text(RUN_LIMITS.urlLength)
    .regex(/^(?:https?:\/\/|data:)/, "write an http, https or data URL")
    .describe("default: none, for onStart")
    .optional(),
  callback: text(255).min(1, "write the name of a method").describe("default: onStart").optional(),
  fetch: z.strictObject(fetchSchema()).describe("options of this fetch, over the script's").optional(),
  save: z.unknown().describe("what the callback finds as response.save").optional(),
  page: PAGE_SOURCE.default("live").describe("`stored`: the page that the project keeps of the task, in place of a fetch"),
  taskid: text(1_024).min(1, "write the task's id").describe("whose stored page; default: the task of the URL").optional(),
});
export type DebugBody = z.infer<typeof debugBody>;

/** Body of `POST /projects/:name/tasks`. */
export const urlBody = z.strictObject({
  url: text(RUN_LIMITS.urlLength).regex(/^(?:https?:\/\/|data:)/, "write an http, https or data URL"),
  callback: text(255).min(1, "write the name of a method"),
});

export const loginBody = z.strictObject({ token: z.string("write the administrator's token").max(1_000, "this is too long for a token") });

const limit = (max: number, fallback: number) => {
  const remedy = `write a whole number from 1 to ${max}`;
  return z.coerce.number(remedy).int(remedy).min(1, remedy).max(max, remedy).default(fallback);
};
const CURSOR_REMEDY = "send `next` of the previous page unchanged";

const INDEX_REMEDY = "write the number of the task's result, from 0";
/** Path of one result. */
export const resultParams = z.strictObject({
  name: projectName,
  taskid: text(1_024).min(1, "write the task's id"),
  index: z.coerce
    .number(INDEX_REMEDY)
    .int(INDEX_REMEDY)
    .min(0, INDEX_REMEDY)
    .max(2 ** 31 - 1, INDEX_REMEDY),
});

const VERSION_REMEDY = "write the id of a version";
/** Path of one version of a script. */
export const versionParams = z.strictObject({
  name: projectName,
  id: z.coerce.number(VERSION_REMEDY).int(VERSION_REMEDY).min(1, VERSION_REMEDY),
});

const TIME_REMEDY = "write a time such as 2026-01-31T12:00:00Z, or Unix seconds";
/** Unix seconds; years beyond 9999 are none. */
function readTime(value: string): number | undefined {
  const seconds = /^\d{1,12}(?:\.\d{1,9})?$/.test(value) ? Number(value) : Date.parse(value) / 1_000;
  return seconds >= 0 && seconds < 253_402_300_800 ? seconds : undefined;
}
const time = text(50).transform((value, context) => {
  const seconds = readTime(value);
  if (seconds !== undefined) return seconds;
  context.addIssue(TIME_REMEDY);
  return z.NEVER;
});
const since = text(50).transform((value, context) => {
  const ordinal = /^c(\d{1,15})$/.exec(value)?.[1];
  if (ordinal !== undefined) return { ordinal: Number(ordinal) };
  const seconds = readTime(value);
  if (seconds !== undefined) return { time: seconds };
  context.addIssue(`send the header orb-next-since of an earlier export unchanged, or ${TIME_REMEDY}`);
  return z.NEVER;
});
const FIELDS_REMEDY = `write 1 to ${MAX_COLUMNS} names of columns with commas between them`;
const fields = text(100_000).transform((value, context) => {
  const names = parseFields(value);
  if (names) return names;
  context.addIssue(FIELDS_REMEDY);
  return z.NEVER;
});
const switchOf = (fallback: "true" | "false") =>
  z
    .enum(["true", "false"], "write true or false")
    .default(fallback)
    .transform((value) => value === "true");

/** Query of `GET /projects/:name/results`. */
export const resultQuery = z
  .strictObject({
    format: z
      .enum(RESULT_FORMATS, `write one of ${RESULT_FORMATS.join(", ")}`)
      .describe("all results as a file; without it, one page as JSON")
      .optional(),
    limit: limit(500, 50),
    before: z.coerce.number(CURSOR_REMEDY).int(CURSOR_REMEDY).min(1, CURSOR_REMEDY).describe("`next` of the previous page").optional(),
    search: text(200).min(1, "write a text to search for").describe("of a page: only results with this text in URL or JSON").optional(),
    fields: fields.describe("of a file: its columns in order, with commas between them; a comma of a name is written `\\,`").optional(),
    since: since
      .describe("of a file: only results that changed since a time, or since the export whose header orb-next-since this is")
      .optional(),
    notSince: time.describe("of a file: only results that no run has stored since this time, such as products that vanished").optional(),
    guard: switchOf("true").describe("of CSV: an apostrophe before text that a spreadsheet could run as a formula"),
    bom: switchOf("false").describe("of CSV: begin with a byte order mark, as Excel needs it"),
  })
  .superRefine(({ format, search, fields, since, notSince }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    for (const [path, value] of Object.entries({ fields, since, notSince })) {
      if (value !== undefined && !format) refuse(path, "add a format: a page has all results whole");
    }
    if (search !== undefined && format) refuse("search", "leave it out: a file has all results");
    if (since !== undefined && notSince !== undefined) refuse("notSince", "leave it out, or since: no result meets both");
  });

/** Query of `GET /projects/:name/activity`. */
export const activityQuery = z.strictObject({
  window: z
    .enum(COUNTER_WINDOW_NAMES, `write one of ${COUNTER_WINDOW_NAMES.join(", ")}`)
    .describe("the last 5 minutes, hour or day")
    .default("1h"),
});

/** Query of `GET /projects/:name/tasks`. */
const searched = text(500).min(1, "write a text, or leave the field out");
const afterTask = text(1_100)
  .regex(/^\d{1,12}(\.\d{1,9})?:.{1,1024}$/su, CURSOR_REMEDY)
  .describe("`next` of the previous page");

export const taskQuery = z.strictObject({
  status: z.enum(TASK_STATUSES, `write one of ${TASK_STATUSES.join(", ")}`).optional(),
  search: searched.describe("in URLs, error codes and error messages").optional(),
  limit: limit(500, 50),
  after: afterTask.optional(),
});

export const logQuery = z.strictObject({
  search: searched.describe("in printed texts, URLs, error codes and error messages").optional(),
  limit: limit(100, 50),
  after: afterTask.optional(),
});

/** Body of `POST /projects/:name/failures/run`: of a group of `GET /projects/:name/failures`. */
export const failureKey = z.strictObject({
  code: text(200),
  statusCode: z.number("send the group's statusCode").int("send the group's statusCode").nullable(),
  host: text(1_024),
  place: text(200),
});
