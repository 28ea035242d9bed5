import type { z } from "zod";
import { BadInputError, type Problem } from "../core/errors.ts";
import type { ProjectChanges } from "../core/store/projects.ts";
import { compileScript } from "../script/compile.ts";
import { findProblems } from "./problems.ts";
import type { ProjectBody } from "./schemas.ts";

/**
 * Checks the fields and compiles the script.
 *
 * @param isNew a new project needs a script.
 * @returns what is to be written.
 * @throws BadInputError with the problems of all fields and of the script's text at once.
 */
export async function checkProjectBody(
  body: unknown,
  { name, isNew, schema }: { name: string; isNew: boolean; schema: z.ZodType<ProjectBody> },
): Promise<ProjectChanges> {
  const { data, problems } = findProblems(schema, body);
  const source = scriptOf(body);
  if (isNew && source === undefined && problems.length === 0) {
    problems.push({ path: "script", remedy: `project ${name} is new and needs one` });
  }
  const hasBadScript = problems.some(({ path }) => path === "script");
  const script = source === undefined || hasBadScript ? undefined : await compile(source, `${name}.ts`, problems);
  if (problems.length > 0 || !data) throw new BadInputError(`Project ${name} cannot be saved`, problems);
  const { script: _source, ...fields } = data;
  return { ...defined(fields), ...(script ? { script } : {}) };
}

function scriptOf(body: unknown): string | undefined {
  const script = typeof body === "object" && body !== null ? (body as { script?: unknown }).script : undefined;
  return typeof script === "string" ? script : undefined;
}

async function compile(source: string, fileName: string, problems: Problem[]): Promise<ProjectChanges["script"]> {
  try {
    return { source, ...(await compileScript(source, fileName)) };
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
