import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import fleet from "../../../stacks/main.ts";
import { NoPulumiError, NoStackConfigError } from "../errors.ts";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROJECT = "orbweaver";

/**
 * Opens a stack on the program of this checkout, the same that `pulumi up` runs.
 *
 * @throws NoPulumiError; NoStackConfigError if there is no `Pulumi.<name>.yaml`.
 */
export async function openStack(name: string): Promise<Stack> {
  if (!existsSync(`${ROOT}Pulumi.${name}.yaml`)) throw new NoStackConfigError(name);
  const pulumiCommand = await PulumiCommand.get().catch((cause: unknown) => {
    throw new NoPulumiError({ cause });
  });
  return LocalWorkspace.createOrSelectStack(
    { stackName: name, projectName: PROJECT, program: fleet },
    { workDir: ROOT, pulumiCommand, envVars: { PULUMI_SKIP_UPDATE_CHECK: "1" } },
  );
}
