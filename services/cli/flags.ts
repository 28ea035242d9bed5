/** Flags that several commands share. */
import { resolve } from "node:path";
import { z } from "zod";
import { isCidr } from "../core/env.ts";
import type { Flag } from "./arguments.ts";

/** Relative to where the command is called from, as every path on a command line is. */
export const DEFAULT_DATA = ".orb/data";

const path = z.string().min(1, "write the path of a directory");

export const dataFlag: Flag = {
  value: "DIR",
  help: `where everything is kept (default: ${DEFAULT_DATA})`,
  schema: path.default(DEFAULT_DATA).transform((text) => resolve(text)),
};

export const allowAddressFlag: Flag = {
  value: "CIDR",
  multiple: true,
  help: "a range of private addresses that may be crawled, such as 127.0.0.0/8 (may be repeated; default: none)",
  schema: z.array(z.string().refine(isCidr, "write a range with its prefix length, such as 127.0.0.0/8 or fd00::/8")).default([]),
};

/** A switch: absent or given. */
export const switchFlag = (help: string): Flag => ({
  help,
  schema: z
    .literal(true)
    .optional()
    .transform((value) => value === true),
});
