/** The inputs and outputs of the REST API, from the schemas that check and document it. */
import type { z } from "zod";
import type { ProcessTrack, TaskError } from "../../../core/protocol/messages.ts";
import type { Follow } from "../../../core/protocol/task.ts";
import type { TaskSelection } from "../../../core/protocol/task-selection.ts";
import type * as schemas from "../../schemas.ts";
import type { TaskDetail, TaskSummary } from "../../store/task-queries.ts";

export type { TaskDetail, TaskSummary };
export type ProjectSummary = z.infer<typeof schemas.projectSummary>;
export type Project = z.infer<typeof schemas.project>;
export type ProjectChanges = schemas.ProjectBody;
export type Summary = z.infer<typeof schemas.summary>;
export type SummaryRow = Summary[string];
export type Ticks = z.infer<typeof schemas.ticks>;
export type Session = z.infer<typeof schemas.session>;
export type Counters = z.infer<typeof schemas.counters>;
export type QueueDepths = z.infer<typeof schemas.queueDepths>;
export type Cluster = z.infer<typeof schemas.cluster>;
export type Replica = z.infer<typeof schemas.replicas>[number];
export type Activity = z.infer<typeof schemas.activity>;
export type ResultPage = z.infer<typeof schemas.resultPage>;
export type ResultRow = ResultPage["results"][number];
export type TaskPage = { tasks: TaskSummary[]; next: string | null };
export type FailureGroups = z.infer<typeof schemas.failureGroups>;
export type FailureGroup = FailureGroups["groups"][number];
export type { TaskSelection };
export type SelectedTasks = z.infer<typeof schemas.selectedTasks>;
export type TaskResults = z.infer<typeof schemas.taskResults>;
/** Where the page of a step or rerun comes from. */
export type PageSource = z.infer<typeof schemas.rerunBody>["page"];
export type ScriptVersion = z.infer<typeof schemas.scriptVersions>["versions"][number];
export type Health = z.infer<typeof schemas.health>;
export type DebugReport = z.infer<typeof schemas.debugReport> & { page: { error?: TaskError }; process: ProcessTrack; follows: Follow[] };
export type { Follow };
export type Failure = z.infer<typeof schemas.failure>["error"];
export type Problem = Failure["problems"][number];
export type { ResultFormat } from "../../../core/export/formats.ts";
