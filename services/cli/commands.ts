import type { Command } from "./arguments.ts";
import { runCommand } from "./run-command.ts";
import { destroyCommand, previewCommand, upCommand } from "./stack-commands.ts";
import { startCommand } from "./start-command.ts";
import { testCommand } from "./test.ts";
import { tokenCommand } from "./token.ts";

/** All commands, in the order of the help. */
export const commands: Command[] = [startCommand, runCommand, upCommand, previewCommand, destroyCommand, tokenCommand, testCommand];
