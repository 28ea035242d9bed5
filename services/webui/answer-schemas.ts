/** The answers of the REST API. They only document, and check nothing. */
import { z } from "zod";
import { QUEUE_ROLES, replicaFacts } from "../core/protocol/replica.ts";
import { PROJECT_STATUSES, TASK_QUEUE, TASK_STATUS, type TaskQueueName, type TaskStatusName } from "../core/protocol/task.ts";

export const TASK_STATUSES = Object.keys(TASK_STATUS) as TaskStatusName[];
const TASK_QUEUES = Object.keys(TASK_QUEUE) as TaskQueueName[];

export const projectSummary = z.object({
  name: z.string(),
  group: z.string(),
  status: z.enum(PROJECT_STATUSES),
  comments: z.string(),
  rate: z.number(),
  burst: z.number(),
  isPaused: z.boolean(),
  scriptError: z
    .object({ code: z.string(), message: z.string(), retryable: z.boolean() })
    .nullable()
    .describe("why no task of it runs: the script fails when it is loaded"),
  keepPages: z.object({ mib: z.number(), days: z.number() }).nullable().describe("limits of the pages that are kept; null: none are"),
  updatetime: z.number().describe("unix seconds"),
});
export const project = projectSummary.extend({ script: z.string(), scriptHash: z.string(), sourceHash: z.string() });

const taskSummary = z.looseObject({
  project: z.string(),
  taskid: z.string(),
  url: z.string(),
  status: z.enum(TASK_STATUSES),
  queue: z.enum(TASK_QUEUES).nullable(),
  priority: z.number(),
  exetime: z.number(),
  retried: z.number(),
  statusCode: z.number().nullable(),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
  lastcrawltime: z.number().nullable(),
  updatetime: z.number(),
});
export const task = taskSummary.describe("with schedule, fetch, process, save, track and stored");
export const taskPage = z.object({ tasks: z.array(taskSummary), next: z.string().nullable() });

const logEntry = z.object({
  taskid: z.string(),
  url: z.string(),
  callback: z.string(),
  time: z.number().describe("unix seconds of the run"),
  printed: z.string().describe("the last 2,000 characters that the script printed"),
  isCut: z.boolean().describe("whether it printed more; the task has 10,000 characters"),
  errorCode: z.string().nullable(),
  errorMessage: z.string().nullable(),
});
export const logPage = z.object({ entries: z.array(logEntry), next: z.string().nullable() });

export const resultRow = z.object({ taskid: z.string(), url: z.string(), index: z.number(), result: z.unknown() });
const shownResult = resultRow.extend({
  ordinal: z.number(),
  updatetime: z.number().describe("unix seconds of the last run that stored it"),
  changed: z.number().describe("unix seconds since when it has this result"),
  bytes: z.number().describe("of the result as JSON"),
  isCut: z.boolean().describe("whether `result` is a text with the first 1,000 characters of the JSON"),
});
export const resultPage = z.object({
  results: z.array(shownResult),
  next: z.number().nullable(),
});
/** A page, or an export as JSON. */
export const resultList = z.union([resultPage, z.array(z.looseObject({}))]);
export const resultCount = z.object({ count: z.number() });

export const taskResults = z.object({ results: z.array(shownResult) });

const windowCounts = z.object({
  pending: z.number(),
  success: z.number(),
  retry: z.number(),
  failed: z.number(),
  fetchMs: z.number(),
  processMs: z.number(),
});
const projectCounters = z.object({
  "5m": windowCounts,
  "1h": windowCounts,
  "1d": windowCounts,
  all: z.object({ pending: z.number(), success: z.number(), failed: z.number(), skipped: z.record(z.string(), z.number()) }),
});
export const counters = z.record(z.string(), projectCounters);
export const queueDepths = z.record(
  z.string(),
  z.object({
    ready: z.number(),
    leased: z.number(),
    oldestMs: z
      .number()
      .describe("milliseconds since the oldest leased message was put; those that are ready are younger; missing: none is leased")
      .optional(),
  }),
);
export const cluster = z.object({
  scheduler: z.object({ isActive: z.boolean(), epoch: z.number(), holder: z.string(), rejectedRequests: z.number() }),
  queues: z.object({ isConnected: z.boolean() }),
});
export const replicas = z.array(
  replicaFacts.extend({
    role: z.enum([...QUEUE_ROLES, "all"]).describe("`all`: the one process of ./orb start"),
    id: z.string().describe("of the process; another process gets another"),
  }),
);
export const deadLetters = z.object({
  messages: z.array(
    z.object({
      project: z.string(),
      taskid: z.string(),
      url: z.string().nullable().describe("null: the task was deleted"),
      time: z.number().describe("unix seconds"),
      queue: z.string(),
      deliveries: z.number().describe("how many workers got it"),
      reason: z.string(),
    }),
  ),
  requests: z.array(
    z.object({
      id: z.number(),
      request: z.string().describe("the beginning of its text"),
      reason: z.string(),
      time: z.number().describe("unix seconds"),
    }),
  ),
});
const stepCounts = z.array(z.number());
const stepMeans = z.array(z.number().nullable()).describe("averages over the tasks that ended in the step; null: none did");
export const activity = z
  .object({
    from: z.number().describe("unix seconds at which the first step begins"),
    seconds: z.number().describe("of a step"),
    success: stepCounts,
    retry: stepCounts,
    failed: stepCounts,
    fetchMs: stepMeans,
    processMs: stepMeans,
  })
  .describe("one value a step, the oldest first; the step that is not over is omitted");
export const failureGroups = z.object({
  groups: z.array(
    z.object({
      code: z.string().describe("of the error"),
      statusCode: z.number().nullable(),
      host: z.string(),
      place: z.string().describe("the line of the script, such as books.ts:3"),
      count: z.number(),
      sample: z.object({ taskid: z.string(), url: z.string(), message: z.string() }),
    }),
  ),
  isCut: z.boolean().describe("whether there may be more failed tasks than were read"),
});
export const health = z.object({
  state: z
    .enum(["runs", "waits", "ended", "stopped"])
    .describe("`waits`: goes on by itself; `ended`: all tasks have ended; `stopped`: a person has to act"),
  reason: z.string().describe("one sentence"),
  remedy: z.enum(["setRunning", "raiseRate", "run", "editScript"]).describe("what helps").optional(),
});
export const ticks = z.array(z.object({ callback: z.string(), at: z.number().describe("unix seconds") }));
/** By project name. */
export const summary = z.record(
  z.string(),
  projectSummary.extend({
    health,
    counters: projectCounters,
    pagesPerMinute: z.array(z.number()).describe("of the last 20 whole minutes, the oldest first"),
  }),
);
const follow = z.looseObject({ taskid: z.string(), url: z.string(), process: z.looseObject({ callback: z.string() }) });
export const debugReport = z.object({
  page: z.object({
    url: z.string().describe("after redirects"),
    origUrl: z.string(),
    statusCode: z.number().describe("599: no complete answer; see `error`"),
    headers: z.record(z.string(), z.string()),
    cookies: z.record(z.string(), z.string()),
    timeMs: z.number(),
    bytes: z.number().describe("of the body"),
    encoding: z.string(),
    text: z.string().describe("the body, at most 1 MiB of it"),
    isCut: z.boolean(),
    storedAt: z.number().describe("unix seconds at which a stored page was fetched; absent: it was fetched now").optional(),
    error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
    screenshot: z.string().describe("a PNG in base64").optional(),
    jsScriptResult: z.unknown().optional(),
  }),
  process: z.looseObject({ ok: z.boolean(), timeMs: z.number(), logs: z.string() }).describe("with `error` if the callback failed"),
  results: z.array(z.unknown()),
  follows: z.array(follow),
  messages: z.array(z.looseObject({ project: z.string(), url: z.string() })),
});
export const session = z.object({ isLoggedIn: z.boolean(), maxRate: z.number().optional(), maxBurst: z.number().optional() });
export const accepted = z.object({ accepted: z.literal(true) });
export const failure = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    problems: z.array(z.object({ path: z.string(), value: z.unknown().optional(), remedy: z.string() })).describe("the first 20"),
    moreProblems: z.number().optional().describe("the number of problems beyond those listed"),
  }),
});

const versionFacts = z.object({
  id: z.number(),
  saved: z.number().describe("unix seconds"),
  bytes: z.number().describe("of the script as UTF-8"),
  sourceHash: z.string(),
});
export const scriptVersions = z.object({ versions: z.array(versionFacts) });
export const scriptVersion = versionFacts.extend({ script: z.string() });
export const selectedTasks = z.object({
  count: z.number(),
  isCut: z.boolean().describe("whether there are more tasks than were counted"),
  keptPages: z.number().describe("of `count`, tasks of which a page is kept"),
  callbacks: z.array(z.object({ callback: z.string(), count: z.number() })),
  sample: z.array(z.object({ taskid: z.string(), url: z.string(), callback: z.string() })).describe("the tasks that changed last"),
});
