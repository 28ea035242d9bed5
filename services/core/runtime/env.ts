/**
 * A process's settings come from environment variables that all begin with `ORB_`. A role's `env.ts` is one zod object with the variables'
 * names as keys, and may be followed by `.transform` into the role's settings.
 */
import { readFileSync } from "node:fs";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { rangeProblem } from "../net/address-range.ts";
import { BadInputError, type Problem } from "../protocol/errors.ts";
import { toProblems } from "../protocol/problems.ts";
import { TIME_LIMITS } from "../protocol/time-limits.ts";
import { LOG_LEVELS } from "./log.ts";

const PREFIX = "ORB_";
const FILE_SUFFIX = "_FILE";
const secrets = new WeakSet<z.ZodType>();

/** Variables of every process, whatever its role. */
const everywhere = {
  ORB_LOG_LEVEL: z.enum(LOG_LEVELS, `write one of ${LOG_LEVELS.join(", ")}`).optional(),
  ORB_NODE: z.string().max(255, "write at most 255 characters").optional(),
};

/**
 * Reads and checks a process's settings.
 *
 * A secret variable `X` may be given as `X_FILE`, the path of a file with its value (a trailing line break is dropped). An empty variable counts as absent.
 *
 * @throws BadInputError naming every bad variable at once, and every `ORB_…` variable that is not read; never with the value of a secret.
 */
export function readEnv<T>(schema: z.ZodType<T>, environment: Record<string, string | undefined> = process.env): T {
  const shape = { ...everywhere, ...shapeOf(schema) };
  const { values, problems } = collectVariables(shape, environment);
  const globals = z.object(everywhere).safeParse(values);
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(values).filter(([name]) => !(name in everywhere))));
  const found = [globals.error, parsed.error].flatMap((error) => settingProblems(error, shape, values));
  problems.push(...found.filter(({ path }) => !problems.some((known) => known.path.startsWith(path))));
  if (problems.length > 0) throw new BadInputError("The environment variables are not valid", problems);
  return parsed.data as T;
}

/** Marks a variable as secret: it is never shown, and may be given as a file. Only `.optional()` and `.default()` may follow. */
export function secret<S extends z.ZodType>(schema: S): S {
  secrets.add(schema);
  return schema;
}

/** A whole number in decimal digits, both limits included. Without a default the variable is required. */
export function wholeNumber({ min, max, fallback }: { min: number; max: number; fallback?: number }) {
  const remedy = `write a whole number from ${min} to ${max}`;
  const number = z
    .string(remedy)
    .regex(/^\d{1,15}$/, remedy)
    .transform(Number)
    .refine((value) => value >= min && value <= max, remedy);
  return fallback === undefined ? number : number.default(fallback);
}

/** A TCP port to listen on; 0 selects a free one. */
export const listenPort = (fallback: number) => wholeNumber({ min: 0, max: 65_535, fallback });

/** The address to listen on; by default only this machine can connect. */
export const listenHost = () =>
  z.string().refine(ipaddr.isValid, "write an IP address of this machine, such as 127.0.0.1, or 0.0.0.0 for all").default("127.0.0.1");

/** `redis://[user:password@]host[:port][/db]` or `rediss://…`. Required. */
export const redisUrl = () => secret(urlOf(["redis:", "rediss:"], "write redis://[user:password@]host[:port][/db]"));

/** `postgres://user[:password]@host[:port]/database`. Required. */
export const databaseUrl = () => secret(urlOf(["postgres:", "postgresql:"], "write postgres://user[:password]@host[:port]/database"));

/** Seconds a worker may be silent before its leases go to another. */
export const leaseSeconds = () => wholeNumber({ min: 1, max: 3_600, fallback: TIME_LIMITS.leaseMs / 1_000 });

/** Comma-separated address ranges (`127.0.0.0/8,fd00::/8`) as a list; none by default. */
export const addressRanges = () =>
  z
    .string()
    .transform((text) => text.split(",").map((range) => range.trim()))
    .superRefine((ranges, context) => {
      for (const range of ranges) {
        const problem = rangeProblem(range);
        if (problem !== undefined)
          context.addIssue({ code: "custom", message: `${JSON.stringify(range)}: ${problem}; commas separate ranges` });
      }
    })
    .default([]);

function urlOf(protocols: string[], remedy: string) {
  const isOne = (text: string) => URL.canParse(text) && protocols.includes(new URL(text).protocol) && new URL(text).hostname !== "";
  return z.string(remedy).refine(isOne, remedy);
}

/** The object that a schema begins with, before transforms and checks. */
function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.in as z.ZodType);
  throw new Error("readEnv takes a zod object, with or without transforms");
}

function collectVariables(shape: Record<string, z.ZodType>, environment: Record<string, string | undefined>) {
  const values: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || !value) continue;
    const base = name.endsWith(FILE_SUFFIX) ? name.slice(0, -FILE_SUFFIX.length) : name;
    if (name in shape) values[name] = value;
    else if (base in shape && isSecret(shape[base])) readSecretFile({ name, base, path: value }, values, problems);
    else problems.push({ path: name, remedy: `it is not read: remove it, or use one of ${Object.keys(shape).join(", ")}` });
  }
  return { values, problems };
}

/** Whether a schema was marked by `secret`. */
export function isSecret(schema: z.ZodType | undefined): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return isSecret(schema.unwrap() as z.ZodType);
  return schema !== undefined && secrets.has(schema);
}

function readSecretFile(
  { name, base, path }: { name: string; base: string; path: string },
  values: Record<string, string>,
  problems: Problem[],
) {
  try {
    values[base] ??= readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    problems.push({
      path: name,
      value: path,
      remedy: `the file cannot be read (${(error as NodeJS.ErrnoException).code}): write the path of a readable file`,
    });
  }
}

function settingProblems(error: z.ZodError | undefined, shape: Record<string, z.ZodType>, values: Record<string, string>): Problem[] {
  const problems = toProblems(error, { input: values, shows: (_value, path) => !isSecret(shape[path]) });
  return problems.map(({ remedy, ...rest }) => ({ ...rest, remedy: rest.path in values ? remedy : `it is not set: ${remedy}` }));
}
