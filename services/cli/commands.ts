import type { Command } from "./arguments.ts";
import { benchCommand } from "./bench.ts";
import { labCommands } from "./lab-commands.ts";
import { runCommand } from "./run-command.ts";
import { stackCommands } from "./stack-commands.ts";
import { startCommand } from "./start-command.ts";
import { testCommand } from "./test.ts";
import { tokenCommand } from "./token.ts";

/** All commands, in the order of the help. */
export const commands: Command[] = [startCommand, runCommand, ...stackCommands, tokenCommand, ...labCommands, testCommand, benchCommand];
