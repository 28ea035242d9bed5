/** One run of the engine: its progress on the terminal, its end on Ctrl-C, and its failures as one error. */
import { CommandError, type Stack, type StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { abortOnSignals } from "../../core/runtime/signals.ts";
import { DeploymentFailedError, InterruptedError } from "../errors.ts";
import { changesText, hasChanges } from "./changes.ts";
import { interruptEngines } from "./engine-process.ts";
import { programErrorOf } from "./open-stack.ts";
import { planSteps } from "./plan-steps.ts";
import { DeploymentProgress, type ResourceFailure, resourceName } from "./progress.ts";
import { translateError, translateFailure } from "./translate-error.ts";

export interface EngineRun {
  stack: Stack;
  say: (line: string) => void;
  /** What runs while no resource is being changed. */
  phase: string;
  /** For an interruption before the engine's first change; by default nothing else changes. */
  unfinished?: string;
}

export interface EngineHandles {
  onEvent: DeploymentProgress["show"];
  signal: AbortSignal;
}

/**
 * Runs `work` with the engine. SIGINT, SIGTERM and SIGHUP end the run in order; a second signal kills it.
 *
 * @returns the steps that the engine planned, and those that it completed.
 * @throws InterruptedError after a signal, also if `work` completed: no next step begins; DeploymentFailedError naming each failed resource once; the program's error; the result of `translateError`
 *   for any other failure of the engine.
 */
export async function runEngine(
  { stack, say, phase, unfinished = "nothing was changed" }: EngineRun,
  work: (handles: EngineHandles) => Promise<unknown>,
): Promise<{ planned: StepEventMetadata[]; done: StepEventMetadata[] }> {
  using stop = abortOnSignals(interruptEngines);
  using progress = new DeploymentProgress({ say, phase });
  stop.signal.addEventListener(
    "abort",
    () => say("stopping: the engine finishes its running operations (Ctrl-C again stops immediately)"),
    {
      once: true,
    },
  );
  try {
    await work({ onEvent: progress.show, signal: stop.signal });
    stop.signal.throwIfAborted();
    return progress;
  } catch (cause) {
    const thrown = programErrorOf(stack);
    if (thrown !== undefined) throw thrown;
    if (stop.signal.aborted) throw new InterruptedError(doneText(progress) ?? unfinished, { cause });
    throw failureOf(cause, { stack, failures: progress.failures });
  }
}

function doneText({ done }: DeploymentProgress): string | undefined {
  const { changes } = planSteps(done);
  return hasChanges(changes) ? `${changesText(changes, { isDone: true })}. Completed changes are kept` : undefined;
}

function failureOf(cause: unknown, { stack, failures }: { stack: Stack; failures: readonly ResourceFailure[] }): unknown {
  if (!(cause instanceof CommandError) || failures.length === 0) return translateError(cause, stack.name);
  const known = failures.map(({ message }) => translateFailure(message, { cause })).find((error) => error !== undefined);
  return known ?? new DeploymentFailedError(failures.map(failureText), { cause });
}

/** `<resource>: <message>`, indented. */
const failureText = ({ urn, message }: ResourceFailure): string => `  ${`${resourceName(urn)}: ${message}`.replaceAll("\n", "\n    ")}`;
