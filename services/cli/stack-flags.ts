import { resolve } from "node:path";
import { z } from "zod";
import type { Flag } from "./arguments.ts";

/** What every command on a stack is given. */
export interface StackFlags {
  stack: string;
  /** Where the stack's config is. */
  config: string;
  json: boolean;
}

/** A stack's name on a command line. */
export const stackName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, "write a name of letters a-z, digits and hyphens");

export const stackFlag: Flag = {
  value: "NAME",
  help: "the stack, whose config is Pulumi.NAME.yaml (default: fleet); lab is that of './orb lab up'",
  schema: stackName.default("fleet"),
};

export const configFlag: Flag = {
  value: "DIR",
  help: "where Pulumi.yaml and the stack's config are (default: this checkout)",
  schema: z
    .string()
    .min(1, "write the path of a directory")
    .transform((text) => resolve(text))
    .optional(),
};
