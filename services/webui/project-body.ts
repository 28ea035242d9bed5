import type { z } from "zod";
import { compileScript } from "../compiler/compile.ts";
import { BadInputError, type Problem } from "../core/protocol/errors.ts";
import type { Project, ProjectChanges } from "../core/store/projects.ts";
import { ScriptConflictError } from "./errors.ts";
import { findProblems } from "./problems.ts";
import type { ProjectBody } from "./schemas.ts";

/**
 * Checks the fields and compiles the script.
 *
 * @returns the fields to write, and the hash that the stored script must have.
 * @throws BadInputError with the problems of all fields and of the script's text at once.
 */
export async function checkProjectBody(
  body: unknown,
  { name, schema }: { name: string; schema: z.ZodType<ProjectBody> },
): Promise<{ changes: ProjectChanges; ifSourceHash: string | undefined }> {
  const { data, problems } = findProblems(schema, body);
  const source = scriptOf(body);
  const hasBadScript = problems.some(({ path }) => path === "script");
  const compiled = source === undefined || hasBadScript ? undefined : await compile(source, `${name}.ts`);
  const refusal = compiled instanceof BadInputError ? compiled : undefined;
  problems.push(...(refusal?.problems ?? []));
  if (problems.length > 0 || !data) throw refusedProject(name, problems, refusal?.moreProblems);
  const { script: _source, ifSourceHash, ...fields } = data;
  return { changes: { ...defined(fields), ...(compiled instanceof BadInputError || !compiled ? {} : { script: compiled }) }, ifSourceHash };
}

/** @throws BadInputError for a new project without a script. */
export function requireScript(name: string, { script }: ProjectChanges): void {
  if (!script) throw refusedProject(name, [{ path: "script", remedy: `project ${name} is new and needs a script` }]);
}

/** @throws ScriptConflictError */
export function requireHash({ name, sourceHash }: Pick<Project, "name" | "sourceHash">, expected: string | undefined): void {
  if (expected !== undefined && sourceHash !== expected) throw new ScriptConflictError(name);
}

const refusedProject = (name: string, problems: Problem[], unlisted = 0) =>
  new BadInputError(`Project ${name} cannot be saved`, problems, unlisted);

function scriptOf(body: unknown): string | undefined {
  const script = typeof body === "object" && body !== null ? (body as { script?: unknown }).script : undefined;
  return typeof script === "string" ? script : undefined;
}

async function compile(source: string, fileName: string): Promise<NonNullable<ProjectChanges["script"]> | BadInputError> {
  try {
    return { source, ...(await compileScript(source, fileName)) };
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    return error;
  }
}

/** Without the keys whose value is undefined. */
export function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
