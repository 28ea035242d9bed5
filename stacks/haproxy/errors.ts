/** One thing in a model that HAProxy would refuse, or read as something else. */
export interface ModelProblem {
  /** Where in the model: `backends.web.servers.a.port`. */
  path: string;
  value: unknown;
  /** What to write instead. */
  remedy: string;
}

/** A model that cannot be written as a configuration; names every problem at once. */
export class RefusedModelError extends Error {
  override readonly name = "RefusedModelError";
  readonly problems: readonly ModelProblem[];

  constructor(problems: readonly ModelProblem[]) {
    const lines = problems.map(({ path, value, remedy }) => `  ${path} = ${JSON.stringify(value)}: ${remedy}`);
    super(`The HAProxy model cannot be written:\n${lines.join("\n")}`);
    this.problems = problems;
  }
}
