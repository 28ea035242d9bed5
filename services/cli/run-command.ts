import { resolve } from "node:path";
import { z } from "zod";
import { parseFields } from "../core/export/columns.ts";
import { RESULT_FORMATS } from "../core/export/formats.ts";
import { wholeNumber } from "../core/runtime/env.ts";
import type { Command } from "./arguments.ts";
import { allowAddressFlag, databaseFlag, dataFlag, switchFlag } from "./flags.ts";
import type { RunFlags } from "./run.ts";

export const runCommand: Command = {
  name: "run",
  summary: "Runs one script until all its tasks are done, without a server",
  positionals: ["SCRIPT"],
  flags: {
    project: {
      value: "NAME",
      help: "the project's name (default: from the file's name)",
      schema: z
        .string()
        .regex(/^[A-Za-z0-9_]{1,64}$/, "write 1 to 64 letters, digits and underscores")
        .optional(),
    },
    limit: {
      value: "N",
      help: "stop after N pages fetched (default: no limit)",
      schema: wholeNumber({ min: 1, max: 1_000_000_000 }).optional(),
    },
    out: {
      value: "FILE",
      help: "write results to this file: CSV if it ends in .csv, a workbook in .xlsx, else one JSON object per line (default: to stdout, unless --json)",
      schema: z.string().min(1).optional(),
    },
    format: {
      value: "FORMAT",
      help: `${RESULT_FORMATS.join(", ")}; whatever the name of --out is`,
      schema: z.enum(RESULT_FORMATS, `write one of ${RESULT_FORMATS.join(", ")}`).optional(),
    },
    fields: {
      value: "NAMES",
      help: "the columns in order, such as url,title,price (default: all)",
      schema: z
        .string()
        .transform((text) => parseFields(text))
        .refine((names) => names !== undefined, "write names of columns with commas between them")
        .optional(),
    },
    csvBom: switchFlag("begin CSV with a byte order mark, as Excel needs it"),
    csvNoGuard: switchFlag("put no apostrophe before text that a spreadsheet could run as a formula"),
    data: {
      ...dataFlag,
      help: "keep tasks and results in this directory (default: nothing is kept)",
      schema: z
        .string()
        .min(1, "write the path of a directory")
        .transform((text) => resolve(text))
        .optional(),
    },
    database: databaseFlag,
    allowAddress: allowAddressFlag,
    json: switchFlag("end with one JSON line on stdout: pages, results, failed, seconds"),
  },
  notes: [
    "There is no rate limit. Failed pages are retried after 1, 2 and 4 s unless the script sets other delays.",
    "If the site's servers or the script fail ten times in a row, the run pauses for 5 minutes, as a project does; after a second pause it ends.",
    "Exit code: 0 complete (some pages may have failed), 1 the script failed or nothing could be crawled, 64 bad flags, 65 the script does not",
    "compile, 75 the data is in use, 78 bad environment, 130 interrupted (what was crawled so far is written).",
  ],
  run: async ({ flags, positionals: [path = ""] }) => {
    // Starts while the other modules are loaded.
    (await import("../compiler/compile.ts")).prepareCompiler();
    return (await import("./run.ts")).run(path, flags as unknown as RunFlags);
  },
};
