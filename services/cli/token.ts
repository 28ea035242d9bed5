import { readToken } from "../core/runtime/token.ts";
import type { Command } from "./arguments.ts";
import { dataFlag } from "./flags.ts";
import { onStack } from "./stack-commands.ts";
import { configFlag, stackName } from "./stack-flags.ts";
import { print } from "./terminal.ts";

export const tokenCommand: Command = {
  name: "token",
  summary: "Prints the administrator's token, for the login page and for 'Authorization: Bearer …'",
  positionals: [],
  flags: {
    data: dataFlag,
    stack: {
      value: "NAME",
      help: "print the token of this stack's fleet; lab is the stack of './orb lab up'",
      schema: stackName.optional(),
    },
    config: configFlag,
  },
  notes: ["Reads a file that only its owner may read. Works while ./orb start runs."],
  async run({ flags }) {
    const { data, stack, config } = flags as { data: string; stack?: string; config?: string };
    if (stack !== undefined) {
      const given = config === undefined ? { stack } : { stack, config };
      return onStack(given, async (known) => (await import("./stack/stack-token.ts")).printToken(known));
    }
    print(`${readToken(data)}\n`);
    return 0;
  },
};
