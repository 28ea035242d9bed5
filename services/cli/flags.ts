/** Flags that several commands share. */
import { resolve } from "node:path";
import { z } from "zod";
import { rangeProblem } from "../core/net/address-range.ts";
import { databaseUrl } from "../core/runtime/env.ts";
import type { Flag } from "./arguments.ts";

/** A path on the command line, relative to the directory of the call. */
export const DEFAULT_DATA = ".orb/data";

const path = z.string().min(1, "write the path of a directory");

export const dataFlag: Flag = {
  value: "DIR",
  help: `the data directory (default: ${DEFAULT_DATA})`,
  schema: path.default(DEFAULT_DATA).transform((text) => resolve(text)),
};

export const databaseFlag: Flag = {
  value: "URL",
  help: "use this Postgres, postgres://user[:password]@host[:port]/database, not an embedded one (or ORB_DATABASE_URL, which hides the password from ps)",
  schema: databaseUrl().optional(),
};

export const allowAddressFlag: Flag = {
  value: "CIDR",
  multiple: true,
  help: "a range of private addresses that may be crawled, such as 127.0.0.0/8 (may be repeated; default: none)",
  schema: z
    .array(
      z.string().superRefine((range, context) => {
        const message = rangeProblem(range);
        if (message !== undefined) context.addIssue({ code: "custom", message });
      }),
    )
    .default([]),
};

/** A switch: absent or given. */
export const switchFlag = (help: string): Flag => ({
  help,
  schema: z
    .literal(true)
    .optional()
    .transform((value) => value === true),
});
