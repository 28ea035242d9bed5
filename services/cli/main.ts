import { readFileSync } from "node:fs";
import { type Command, parseCommand } from "./arguments.ts";
import { commands } from "./commands.ts";
import { UsageError } from "./errors.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { commandText, overviewText } from "./help.ts";
import { print, sayFailure } from "./terminal.ts";

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
const overview = overviewText(commands, version);

let isLost = false;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader may close a pipe early; this is no failure.
  isLost ||= error.code !== "EPIPE";
});
process.stderr.on("error", () => {});
const code = await runCommand(process.argv.slice(2)).catch((error) => {
  sayFailure(error);
  return exitCodeOf(error);
});
// Output to a pipe is written asynchronously.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write("", resolve))));
process.exit(isLost ? code || EXIT.failed : code);

async function runCommand(words: string[]): Promise<number> {
  const [name] = words;
  if (name === "--version") return show(`${version}\n`);
  if (name === undefined || name === "--help" || name === "help") return show(overview);
  // A command of two words, such as `lab up`.
  const command = commands.find((known) => known.name === words.slice(0, 2).join(" ")) ?? commands.find((known) => known.name === name);
  if (!command)
    throw new UsageError(undefined, [
      { path: "command", value: words.slice(0, 2).join(" "), remedy: `use one of ${commands.map((known) => known.name).join(", ")}` },
    ]);
  const args = words.slice(command.name.split(" ").length);
  if (asksForHelp(args)) return show(commandText(command));
  return runParsed(command, args);
}

function asksForHelp(args: string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((arg) => arg === "--help" || arg === "-h");
}

async function runParsed(command: Command, args: string[]): Promise<number> {
  return command.run(parseCommand(command, args));
}

function show(text: string): number {
  print(text);
  return EXIT.ok;
}
