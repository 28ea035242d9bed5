import { readToken } from "../core/token.ts";
import type { Command } from "./arguments.ts";
import { dataFlag } from "./flags.ts";

export const tokenCommand: Command = {
  name: "token",
  summary: "Prints the administrator's token, for the login page and for 'Authorization: Bearer …'",
  positionals: [],
  flags: { data: dataFlag },
  notes: ["It reads a file that only its owner may read, and works while ./orb start runs."],
  async run({ flags }) {
    process.stdout.write(`${readToken(flags.data as string)}\n`);
    return 0;
  },
};
