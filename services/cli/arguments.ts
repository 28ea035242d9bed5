/** Command lines: a command is declared once, and both its parsing and its help come from the declaration. */
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Problem } from "../core/protocol/errors.ts";
import { toProblems } from "../core/protocol/problems.ts";
import { isSecret } from "../core/runtime/env.ts";
import { UsageError } from "./errors.ts";

/** One option of a command. Its name on the command line is its key with hyphens: `allowAddress` is `--allow-address`. */
export interface Flag {
  /** The placeholder for the value in the help, such as `DIR`; absent for a switch. */
  value?: string;
  /** May be given more than once. */
  multiple?: boolean;
  help: string;
  /** Checks the value: a text, a list of texts if `multiple`, or true for a switch. Supplies the default. */
  schema: z.ZodType;
}

/** One command as it is parsed and as its help shows it. */
export interface CommandSpec {
  name: string;
  summary: string;
  /** Its arguments in order, such as `SCRIPT`; `[ROLE]` may be left out, and the last, as `ROLE=N…` or `[ROLE…]`, may be several. */
  positionals: string[];
  flags: Record<string, Flag>;
  /** More help, below the flags. */
  notes: string[];
}

/** The values of a command's flags, by key, and its arguments. */
export interface ParsedCommand {
  flags: Record<string, unknown>;
  positionals: string[];
}

/** A command and its implementation. Resolves to the exit code. */
export interface Command extends CommandSpec {
  run(parsed: ParsedCommand): Promise<number>;
}

/** `allowAddress` -> `--allow-address` */
export const flagName = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/**
 * Parses what follows a command's name.
 *
 * @throws UsageError with every problem at once: unknown flags, bad values, missing and extra arguments.
 */
export function parseCommand(spec: CommandSpec, args: string[]): ParsedCommand {
  const { given, positionals, problems } = readTokens(spec, args);
  const checked = z.object(Object.fromEntries(Object.entries(spec.flags).map(([key, flag]) => [key, flag.schema]))).safeParse(given);
  const found = toProblems(checked.error, { input: given, shows: (_value, key) => !isSecret(spec.flags[key]?.schema) });
  // A flag that is repeated has one name.
  const named = found.map((problem) => ({ ...problem, path: flagName(problem.path.replace(/\[\d+\]$/, "")) }));
  problems.push(...named.filter(({ path }) => !problems.some((known) => known.path === path)));
  problems.push(...positionalProblems(spec, positionals));
  if (problems.length > 0) throw new UsageError(spec.name, problems);
  return { flags: checked.data ?? {}, positionals };
}

function readTokens(spec: CommandSpec, args: string[]) {
  const byName = new Map(Object.entries(spec.flags).map(([key, flag]) => [flagName(key).slice(2), { key, flag }]));
  const options = Object.fromEntries([...byName].map(([name, { flag }]) => [name, { type: flag.value ? "string" : "boolean" } as const]));
  const { tokens, positionals } = parseArgs({ args, options, allowPositionals: true, strict: false, tokens: true });
  const given: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const known = byName.get(token.name);
    if (!known) problems.push({ path: token.rawName, remedy: unknownFlagRemedy(spec) });
    // parseArgs reads `--json` as the value in `--port --json`.
    else if (token.value?.startsWith("--") && !token.inlineValue) takeValue(known, undefined, given, problems);
    else takeValue(known, token.value, given, problems);
  }
  return { given, positionals, problems };
}

function takeValue(
  { key, flag }: { key: string; flag: Flag },
  value: string | undefined,
  given: Record<string, unknown>,
  problems: Problem[],
) {
  const path = flagName(key);
  if (flag.value && value === undefined) problems.push({ path, remedy: `write a value: ${path} ${flag.value}` });
  else if (!flag.value && value !== undefined) problems.push({ path, value, remedy: "it takes no value" });
  else if (flag.multiple) given[key] = [...((given[key] as string[] | undefined) ?? []), value];
  else if (key in given) problems.push({ path, ...(isSecret(flag.schema) ? {} : { value }), remedy: "give it once" });
  else given[key] = value ?? true;
}

function unknownFlagRemedy(spec: CommandSpec): string {
  const names = Object.keys(spec.flags).map(flagName);
  return names.length === 0 ? `./orb ${spec.name} has no flags` : `there is no such flag: use ${[...names, "--help"].join(", ")}`;
}

function positionalProblems(spec: CommandSpec, positionals: string[]): Problem[] {
  const required = spec.positionals.filter((name) => !name.startsWith("["));
  const missing = required.slice(positionals.length).map((name) => ({ path: name, remedy: `it is missing: ${usageLine(spec)}` }));
  if (/…\]?$/.test(spec.positionals.at(-1) ?? "")) return missing;
  const extra = positionals
    .slice(spec.positionals.length)
    .map((value) => ({ path: "argument", value, remedy: `one too many: ${usageLine(spec)}` }));
  return [...missing, ...extra];
}

/** `./orb run SCRIPT [--limit N] …` on one line. */
export function usageLine(spec: CommandSpec): string {
  const flags = Object.entries(spec.flags).map(
    ([key, { value, multiple }]) => ` [${flagName(key)}${value ? ` ${value}` : ""}]${multiple ? "…" : ""}`,
  );
  return `./orb ${[spec.name, ...spec.positionals].join(" ")}${flags.join("")}`;
}
