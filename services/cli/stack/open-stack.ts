import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { FleetConfig } from "../../../stacks/config.ts";
import fleet from "../../../stacks/main.ts";
import { type Contact, contactHosts } from "../../../stacks/preflight.ts";
import { PROJECT, settingName } from "../../../stacks/setting-names.ts";
import { knownHostsFile } from "../../../stacks/stack-directory.ts";
import { NoStackConfigError } from "../errors.ts";
import { inOwnGroup } from "./engine-process.ts";
import { deployedHosts } from "./state-hosts.ts";
import { translateError } from "./translate-error.ts";

/** The state of a stack's program in this process. */
interface ProgramRuns {
  /** The error of its last run: the engine passes on only its text. */
  error?: unknown;
  /** The hosts' answers to the last request. */
  contact?: Promise<Contact>;
  /** Hosts that are in the fleet already. */
  deployed: () => Promise<ReadonlySet<string>>;
}

const runs = new WeakMap<Stack, ProgramRuns>();

/**
 * Opens a stack on the program of this checkout, the same that `pulumi up` runs.
 *
 * @param directory where `Pulumi.yaml` and `Pulumi.<name>.yaml` are.
 * @throws NoStackConfigError if there is no `Pulumi.<name>.yaml`; NoStackError if the state does not have the stack; the result of `translateError`
 *   if the engine cannot open it.
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
    stack = await LocalWorkspace.selectStack(
      { stackName: name, projectName: PROJECT, program },
      { workDir: directory, pulumiCommand, envVars: { PULUMI_SKIP_UPDATE_CHECK: "1" } },
    );
    runs.set(stack, state);
    return stack;
  } catch (cause) {
    throw translateError(cause, name);
  }
}

/** The error of the program's last run; undefined if it succeeded. */
export const programErrorOf = (stack: Stack): unknown => runs.get(stack)?.error;

/**
 * Requests the hosts' facts now, so that they are ready when the program needs them. A problem is thrown by the program's run.
 *
 * @returns the answers by host name, without hosts that did not answer. Undefined if there is a problem.
 */
export async function contactEarly(stack: Stack, config: FleetConfig): Promise<Contact["facts"] | undefined> {
  const state = runs.get(stack);
  const contact = state && (await contactOnce(stack.name, state, config).catch(() => undefined));
  return contact?.facts;
}

const contactOnce = (name: string, state: ProgramRuns, config: FleetConfig): Promise<Contact> =>
  (state.contact ??= contactHosts(config, knownHostsFile(name), state.deployed));

/** Names of hosts that did not answer the program's last run: it did not change them. */
export async function absentHosts(stack: Stack, names: readonly string[]): Promise<string[]> {
  const contact = await runs.get(stack)?.contact;
  return contact === undefined ? [] : names.filter((name) => !contact.facts.has(name));
}

/** Makes the program's next run request the hosts' facts again: another process may have changed the hosts. */
export function forgetContact(stack: Stack): void {
  delete runs.get(stack)?.contact;
}

/** Writes a setting of a stack's config, such as `replicas.webui`. @throws the result of `translateError` on failure. */
export const setSetting = (stack: Stack, path: string, value: string): Promise<void> =>
  stack.setConfig(settingName(path), { value }, true).catch((cause: unknown) => {
    throw translateError(cause, stack.name);
  });
