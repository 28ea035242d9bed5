import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { FleetConfig } from "../../../stacks/config.ts";
import fleet from "../../../stacks/main.ts";
import { type Contact, contactHosts } from "../../../stacks/preflight.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { NoStackConfigError } from "../errors.ts";
import { inOwnGroup } from "./engine-process.ts";
import { deployedHosts } from "./state-hosts.ts";
import { translateError } from "./translate-error.ts";

export const PROJECT = "orbweaver";

/** What is known of a stack's program in this process. */
interface ProgramRuns {
  /** What it threw at its last run: the engine passes on no more than a text. */
  error?: unknown;
  /** What the hosts said when they were asked last. */
  contact?: Promise<Contact>;
  /** Hosts that are in the fleet already. */
  deployed: () => Promise<ReadonlySet<string>>;
}

const runs = new WeakMap<Stack, ProgramRuns>();

/**
 * Opens a stack on the program of this checkout, the same that `pulumi up` runs.
 *
 * @param directory where `Pulumi.yaml` and `Pulumi.<name>.yaml` are.
 * @throws NoStackConfigError if there is no `Pulumi.<name>.yaml`; what `translateError` makes of an engine that cannot open the stack.
 */
export async function openStack(name: string, directory: string): Promise<Stack> {
  if (!existsSync(join(directory, `Pulumi.${name}.yaml`))) throw new NoStackConfigError(name);
  let stack: Stack | undefined;
  const state: ProgramRuns = { deployed: async () => (stack ? deployedHosts(await stack.exportStack()) : new Set<string>()) };
  const program = async () => {
    delete state.error;
    return fleet((config) => contactOnce(name, state, config)).catch((error: unknown) => {
      Object.assign(state, { error });
      delete state.contact;
      throw error;
    });
  };
  try {
    const pulumiCommand = inOwnGroup(await PulumiCommand.get());
    stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: PROJECT, program },
      { workDir: directory, pulumiCommand, envVars: { PULUMI_SKIP_UPDATE_CHECK: "1" } },
    );
    runs.set(stack, state);
    return stack;
  } catch (cause) {
    throw translateError(cause, name);
  }
}

/** What the program threw at its last run; undefined if it did not. */
export const programErrorOf = (stack: Stack): unknown => runs.get(stack)?.error;

/**
 * Asks the hosts now, so that the answers are there when the program wants them. A problem is thrown by the program's run.
 *
 * @returns the answers, by host name; none of hosts that did not answer. Undefined where there is a problem.
 */
export async function contactEarly(stack: Stack, config: FleetConfig): Promise<Contact["facts"] | undefined> {
  const state = runs.get(stack);
  const contact = state && (await contactOnce(stack.name, state, config).catch(() => undefined));
  return contact?.facts;
}

const contactOnce = (name: string, state: ProgramRuns, config: FleetConfig): Promise<Contact> =>
  (state.contact ??= contactHosts(config, knownHostsFile(name), state.deployed));

/** Names of hosts that did not answer when the program ran last: it left them as they are. */
export async function absentHosts(stack: Stack, names: readonly string[]): Promise<string[]> {
  const contact = await runs.get(stack)?.contact;
  return contact === undefined ? [] : names.filter((name) => !contact.facts.has(name));
}

/** Has the next run of the program ask the hosts again: something else may have changed them in the meantime. */
export function forgetContact(stack: Stack): void {
  delete runs.get(stack)?.contact;
}
