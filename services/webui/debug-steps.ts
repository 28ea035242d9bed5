/** Steps of the debugger: single tasks with a script that is not saved, run by the fetchers and processors of the crawl. Nothing of them is stored. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import type { CompiledScript } from "../compiler/compile.ts";
import { withOneProxy } from "../core/protocol/choose-proxy.ts";
import { DEBUG_STEP_MS, type DebugAnswer } from "../core/protocol/debug-step.ts";
import { type FetchOptions, mergeFetchOptions } from "../core/protocol/fetch-options.ts";
import { infoTask } from "../core/protocol/info-task.ts";
import type { FetchOrder } from "../core/protocol/messages.ts";
import type { Queues } from "../core/queue/queue.ts";
import { StepTimeoutError } from "./errors.ts";
import { StepPlaces } from "./step-places.ts";

const POLL_MS = 30;
const MAX_SCRIPTS = 64;

export interface StepTask {
  url: string;
  callback: string;
  fetch?: FetchOptions | undefined;
  save?: unknown;
  /** Of `packPage`; absent: the page is fetched. */
  keptPage?: string | undefined;
}

export interface StepRequest {
  user: string;
  signal: AbortSignal;
}

export class DebugSteps {
  readonly #queues: Pick<Queues, "put" | "takeAnswer">;
  readonly #fetchDefaults = new LRUCache<string, FetchOptions>({ max: MAX_SCRIPTS });
  readonly #places = new StepPlaces();

  constructor(queues: Pick<Queues, "put" | "takeAnswer">) {
    this.#queues = queues;
  }

  /**
   * Runs one task.
   *
   * @param user of whom a few steps run at a time.
   * @param signal cancels the wait for the answer.
   * @returns the answer; if the script fails when it is loaded, that of the question for its declarations.
   * @throws DebuggerBusyError, StepTimeoutError
   */
  async run(project: string, script: CompiledScript, task: StepTask, { user, signal }: StepRequest): Promise<DebugAnswer> {
    const release = await this.#places.take(user, signal);
    try {
      const declared = await this.#declarations(project, script, signal);
      if ("process" in declared) return declared;
      const fetch = withOneProxy(mergeFetchOptions(declared, task.fetch ?? {}), randomUUID(), 0);
      return await this.#answerTo({ ...orderOf(project, script, task), fetch }, signal);
    } finally {
      release();
    }
  }

  /** The script's fetch options; or the failed answer. */
  async #declarations(project: string, script: CompiledScript, signal: AbortSignal): Promise<FetchOptions | DebugAnswer> {
    const known = this.#fetchDefaults.get(script.hash);
    if (known !== undefined) return known;
    const { url, process } = infoTask;
    const answer = await this.#answerTo(orderOf(project, script, { url, callback: process.callback }), signal);
    if (answer.info === undefined) return answer;
    this.#fetchDefaults.set(script.hash, answer.info.fetchDefaults);
    return answer.info.fetchDefaults;
  }

  async #answerTo(order: FetchOrder & Required<Pick<FetchOrder, "step">>, signal: AbortSignal): Promise<DebugAnswer> {
    await this.#queues.put([{ queue: "scheduler2fetcher", message: order }]);
    for (const end = performance.now() + DEBUG_STEP_MS; performance.now() < end; await delay(POLL_MS, undefined, { signal })) {
      const answer = await this.#queues.takeAnswer(order.step.id);
      if (answer !== undefined) return answer;
    }
    throw new StepTimeoutError(DEBUG_STEP_MS / 1_000);
  }
}

/** No task of the database has attempt 0: if the order becomes a dead letter, its outcome is dropped. */
const orderOf = (project: string, { compiled, hash }: CompiledScript, { url, callback, save, keptPage }: StepTask) => ({
  ...{ project, taskid: "_debug", attempt: 0, url, fetch: {}, process: { callback }, scriptHash: hash, debug: true, retried: 0 },
  ...(save === undefined ? {} : { save }),
  ...(keptPage === undefined ? {} : { keptPage }),
  step: { id: randomUUID(), compiled },
});
