import { z } from "zod";
import type { Flag } from "./arguments.ts";

/** What every command on a stack is given. */
export interface StackFlags {
  stack: string;
  /** Where the stack's config is. */
  config: string;
  json: boolean;
}

export const stackFlag: Flag = {
  value: "NAME",
  help: "the stack, whose config is Pulumi.NAME.yaml (default: fleet); lab is that of './orb lab up'",
  schema: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/, "write a name of letters a-z, digits and hyphens")
    .default("fleet"),
};
