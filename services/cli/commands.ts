import type { CommandSpec, ParsedCommand } from "./arguments.ts";
import { testCommand } from "./test.ts";
import { tokenCommand } from "./token.ts";

/** A command of `./orb`: what is parsed, and what it does. Resolves to the exit code. */
export interface Command extends CommandSpec {
  run(parsed: ParsedCommand): Promise<number>;
}

/** All commands, in the order of the help. */
export const commands: Command[] = [tokenCommand, testCommand];
