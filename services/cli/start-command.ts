import { wholeNumber } from "../core/runtime/env.ts";
import type { Command } from "./arguments.ts";
import { allowAddressFlag, databaseFlag, dataFlag } from "./flags.ts";
import type { StartFlags } from "./start.ts";

export const startCommand: Command = {
  name: "start",
  summary: "Runs everything on this machine, with the web UI on 127.0.0.1",
  positionals: [],
  flags: {
    port: {
      value: "PORT",
      help: "the web UI's port, 0 for a free one (default: 5000)",
      schema: wholeNumber({ min: 0, max: 65_535, fallback: 5_000 }),
    },
    data: dataFlag,
    database: databaseFlag,
    allowAddress: allowAddressFlag,
  },
  notes: [
    "Ctrl-C ends it once running tasks are finished, a second Ctrl-C immediately. The next start resumes the crawl, also after a crash.",
    "What is committed survives a crash of the machine. With --database, the data directory has only the token.",
    "ORB_LOG_LEVEL=debug shows more.",
  ],
  run: async ({ flags }) => (await import("./start.ts")).start(flags as unknown as StartFlags),
};
