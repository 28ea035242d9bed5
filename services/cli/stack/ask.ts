/** Asks before a plan stops or loses something. */
import { createInterface } from "node:readline/promises";
import { PlanRefusedError } from "../errors.ts";
import { say } from "../terminal.ts";
import { interruptionsOf, lossesOf, type Plan } from "./plan.ts";

export type Decision = "go" | "ask" | "refuse";

/** @param context whether `--yes` was given, and whether there is a terminal to ask at. */
export function decide(plan: Plan, { isAccepted, isTerminal }: { isAccepted: boolean; isTerminal: boolean }): Decision {
  const losses = lossesOf(plan).length > 0;
  if (isAccepted || (!losses && interruptionsOf(plan).length === 0)) return "go";
  if (isTerminal) return "ask";
  return losses ? "refuse" : "go";
}

/**
 * Resolves to whether to continue. Asks the user at the terminal if necessary.
 *
 * @returns `hasAsked`: the user was asked, so time has passed since the plan was made.
 * @throws PlanRefusedError if the plan loses data and there is no terminal.
 */
export async function confirm(plan: Plan, isAccepted: boolean): Promise<{ isConfirmed: boolean; hasAsked: boolean }> {
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  const decision = decide(plan, { isAccepted, isTerminal });
  if (decision === "go") return { isConfirmed: true, hasAsked: false };
  if (decision === "refuse") throw new PlanRefusedError(lossesOf(plan));
  return { isConfirmed: await askYes(lossesOf(plan).length > 0 ? "Continue and lose this data?" : "Continue?"), hasAsked: true };
}

/** Resolves to whether the user at the terminal answers y or yes; without a terminal, to false. */
export async function askYes(question: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    say(`${question} There is no terminal to ask at: use --yes to accept.`);
    return false;
  }
  // Not in raw mode: Ctrl-C stays a signal.
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
