/** `./orb up`, `preview` and `destroy`: what they do; effects alone. */
import { CommandError, type OutputMap, type Stack } from "@pulumi/pulumi/automation/index.js";
import { DATA } from "../../../stacks/render/data-script.ts";
import { abortOnSignals } from "../../core/signals.ts";
import { DataNotDeletedError, DeploymentFailedError } from "../errors.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { type Changes, changesText, countChanges, hasChanges } from "./changes.ts";
import { failureText } from "./failure-evidence.ts";
import { type Fleet, fleetOf, runOn } from "./fleet-hosts.ts";
import { openStack, refusalOf } from "./open-stack.ts";
import { DeploymentProgress } from "./progress.ts";
import { withFleetLock } from "./with-lock.ts";

/** More at once opens more SSH connections than a hardened host takes. */
const PARALLEL = 8;
const ENGINE_LINES = 20;

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Makes the fleet what the stack config says, after a preview. */
export async function up({ stack: name, config, json }: StackFlags): Promise<number> {
  const began = Date.now();
  const stack = await openStack(name, config);
  const fleet = await fleetOf(stack);
  const planned = await previewOf(stack, fleet);
  say(`plan: ${changesText(planned, false)}`);
  const { changes, outputs } = await during(stack, fleet, (onEvent, signal) =>
    withFleetLock(fleet, { say, signal }, async () => {
      const result = await stack.up({ onEvent, signal, parallel: PARALLEL, suppressOutputs: true });
      return { changes: countChanges(result.summary.resourceChanges), outputs: result.outputs };
    }),
  );
  const seconds = Number(((Date.now() - began) / 1_000).toFixed(1));
  say(`done in ${seconds} s: ${changesText(changes, true)}`);
  const { edges = [], hosts = {} } = plain(outputs) as { edges?: string[]; hosts?: Record<string, string> };
  process.stdout.write(
    json ? `${JSON.stringify({ edge: edges[0], hosts, changes, seconds })}\n` : summaryText({ stack: name, edges, hosts }),
  );
  return EXIT.ok;
}

/** Says what `up` would do. Exits with 1 if that is something and nothing was expected. */
export async function preview({ stack: name, config, json, expectNoChanges }: StackFlags & { expectNoChanges: boolean }): Promise<number> {
  const stack = await openStack(name, config);
  const changes = await previewOf(stack, await fleetOf(stack));
  process.stdout.write(json ? `${JSON.stringify({ changes })}\n` : `${changesText(changes, false)}\n`);
  return expectNoChanges && hasChanges(changes) ? EXIT.failed : EXIT.ok;
}

/** Takes the fleet away; the data host's folder of data stays, unless `deleteData` says otherwise. */
export async function destroy({ stack: name, config, json, deleteData }: StackFlags & { deleteData: boolean }): Promise<number> {
  const stack = await openStack(name, config);
  const fleet = await fleetOf(stack);
  const changes = await during(stack, fleet, async (onEvent, signal) => {
    const result = await stack.destroy({ onEvent, signal, parallel: PARALLEL, suppressOutputs: true });
    return countChanges(result.summary.resourceChanges);
  });
  if (deleteData) await deleteAllData(fleet);
  process.stdout.write(json ? `${JSON.stringify({ changes })}\n` : `${changesText(changes, true)}\n`);
  return EXIT.ok;
}

async function deleteAllData(fleet: Fleet): Promise<void> {
  const [data] = fleet.config.hosts.filter(({ role }) => role === "data");
  if (!data) return;
  say(`deleting ${DATA} on ${data.name}`);
  const { code, stderr } = await runOn(fleet, data, `rm -rf -- ${DATA}`);
  if (code !== 0) throw new DataNotDeletedError(data.name, DATA, stderr.trim() || `exit code ${code}`);
}

/** Where to go from here, for people. */
export const summaryText = ({ stack, edges, hosts }: { stack: string; edges: string[]; hosts: Record<string, string> }): string =>
  [
    ...Object.entries(hosts).map(([name, address]) => `${name.padEnd(14)} ${address}`),
    `the web UI     ${edges.join(", ")}`,
    `its token      ./orb token --stack ${stack}`,
    `how it is      ./orb status --stack ${stack}`,
    "",
  ].join("\n");

async function previewOf(stack: Stack, fleet: Fleet): Promise<Changes> {
  say("looking at what has to change");
  return during(stack, fleet, async (onEvent, signal) =>
    countChanges((await stack.preview({ onEvent, signal, parallel: PARALLEL })).changeSummary),
  );
}

/** Ctrl-C lets the engine finish what it is doing and write down its state; a second one ends it at once. */
async function during<T>(
  stack: Stack,
  fleet: Fleet,
  work: (onEvent: DeploymentProgress["show"], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using stop = abortOnSignals();
  const progress = new DeploymentProgress(say);
  try {
    return await work(progress.show, stop.signal);
  } catch (cause) {
    const refusal = refusalOf(stack);
    if (refusal) throw refusal;
    if (stop.signal.aborted) await stack.cancel().catch(() => {});
    if (!(cause instanceof Error) || !(cause instanceof CommandError || stop.signal.aborted)) throw cause;
    const failures = await Promise.all(progress.failures.map((failure) => failureText(failure, fleet)));
    throw new DeploymentFailedError(failures.length > 0 ? failures : [lastWords(cause)], { cause });
  }
}

/** The engine's own, when no event told what failed. */
const lastWords = ({ message }: Error) => message.trim().split("\n").slice(-ENGINE_LINES).join("\n");

const plain = (outputs: OutputMap) => Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown]));
