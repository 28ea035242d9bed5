import type { Command } from "./arguments.ts";
import { testCommand } from "./test.ts";
import { tokenCommand } from "./token.ts";

/** All commands, in the order of the help. */
export const commands: Command[] = [tokenCommand, testCommand];
