import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import { declareFleet } from "../../../stacks/main.ts";
import { deployedHosts } from "../../../stacks/state.ts";
import { BadInputError } from "../../core/errors.ts";
import { NoPulumiError, NoStackConfigError } from "../errors.ts";

export const PROJECT = "orbweaver";

/** Why the program of a stack would not declare anything, as it was thrown: the engine passes on no more than a text. */
const refusals = new WeakMap<Stack, BadInputError>();

/**
 * Opens a stack on the program of this checkout, the same that `pulumi up` runs.
 *
 * @param directory where `Pulumi.yaml` and `Pulumi.<name>.yaml` are.
 * @throws NoPulumiError; NoStackConfigError if there is no `Pulumi.<name>.yaml`.
 */
export async function openStack(name: string, directory: string): Promise<Stack> {
  if (!existsSync(join(directory, `Pulumi.${name}.yaml`))) throw new NoStackConfigError(name);
  const pulumiCommand = await PulumiCommand.get().catch((cause: unknown) => {
    throw new NoPulumiError({ cause });
  });
  const program = async () =>
    declareFleet(async () => deployedHosts(await stack.exportStack())).catch((error: unknown) => {
      if (error instanceof BadInputError) refusals.set(stack, error);
      throw error;
    });
  const stack: Stack = await LocalWorkspace.createOrSelectStack(
    { stackName: name, projectName: PROJECT, program },
    { workDir: directory, pulumiCommand, envVars: { PULUMI_SKIP_UPDATE_CHECK: "1" } },
  );
  return stack;
}

/** What the program refused the stack for at its last run; undefined if it did not. */
export const refusalOf = (stack: Stack): BadInputError | undefined => refusals.get(stack);
