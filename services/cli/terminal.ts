/** The only output path to the terminal. Hosts, websites and scripts supply parts of the text, and must not control the terminal. */
import { visibleText } from "../core/protocol/visible-text.ts";
import { failureText } from "./exit-codes.ts";

const [RED, RESET] = ["\u001b[31m", "\u001b[0m"];

/** Prints to stdout, with control characters escaped. JSON keeps its value. */
export const print = (text: string): void => void process.stdout.write(visibleText(text));

/** Prints one or more lines to stderr, with control characters escaped. The last line break may be left out. */
export const say = (text: string): void => void process.stderr.write(visibleText(text.endsWith("\n") ? text : `${text}\n`));

/** Prints an error to stderr, red where stderr is a terminal that shows colours. */
export function sayFailure(error: unknown): void {
  const text = visibleText(failureText(error));
  const hasColours = process.stderr.isTTY && !process.env.NO_COLOR;
  process.stderr.write(hasColours ? `${RED}${text}${RESET}\n` : `${text}\n`);
}
