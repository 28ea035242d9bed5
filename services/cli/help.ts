import { type CommandSpec, flagName, usageLine } from "./arguments.ts";

/** What `./orb --help` prints. */
export function overviewText(commands: CommandSpec[], version: string): string {
  return [
    `Orbweaver ${version}: a web crawler that loses nothing.`,
    "",
    "Usage: ./orb COMMAND",
    "",
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    "",
    "./orb COMMAND --help describes a command. ./orb --version prints the version.",
    "",
  ].join("\n");
}

/** What `./orb COMMAND --help` prints. */
export function commandText(spec: CommandSpec): string {
  const flags = Object.entries(spec.flags).map(([key, { value, help }]): [string, string] => [
    `${flagName(key)}${value ? ` ${value}` : ""}`,
    help,
  ]);
  return [
    `Usage: ${usageLine(spec)}`,
    "",
    `${spec.summary}.`,
    ...(flags.length > 0 ? ["", ...columns(flags)] : []),
    ...(spec.notes.length > 0 ? ["", ...spec.notes] : []),
    "",
  ].join("\n");
}

function columns(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
