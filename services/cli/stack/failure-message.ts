/** The engine's message about one failed resource, cut to what a user needs: no command, no script, no full log. */

/** Lines that name the cause, in the formats of apt, dpkg, Docker, ssh, Postgres and our scripts. */
const CAUSE =
  /^(?:E: |dpkg: error|error[: ]|fatal[: ]|FATAL:|ERROR:|panic: |ssh: |Error response from daemon|.*: (?:command not found|No space left on device|Permission denied))/i;
/** Lines taken from the line that names the cause; from the end, if no line does. */
const CAUSE_LINES = 6;
const LAST_LINES = 12;
/** A script's output can have lines of any length. */
const LINE_LENGTH = 400;

/** `<error>: running "<command>":` of the command provider; its text is quoted as in Go. */
const RUNNING = /: running "(?:[^"\\]|\\.)*":[ \t]*\n?/;

/**
 * @param message of a diagnostic event.
 * @returns its first line without the command that ran, and the lines that say why it failed.
 */
export function shortFailure(message: string): string {
  const match = RUNNING.exec(message);
  if (!match) return cut(message.trim().split("\n"));
  const status = message.slice(0, match.index).replace(/^[\s\S]*?((?:Process )?exit(?:ed with)? status \d+)$/, "$1");
  const output = message.slice(match.index + match[0].length).trim();
  if (output === "") return `the script ended with ${status} and printed nothing`;
  return cut(output.split("\n"));
}

function cut(lines: string[]): string {
  const first = lines.findIndex((line) => CAUSE.test(line.trim()));
  const few = lines.length <= LAST_LINES;
  const shown = few ? lines : first === -1 ? lines.slice(-LAST_LINES) : lines.slice(first, first + CAUSE_LINES);
  return shown.map((line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line)).join("\n");
}
