/** One part of a model that HAProxy would refuse, misread, or accept without effect. */
export interface ModelProblem {
  /** The place in the model: `backends.web.servers.a.port`. */
  path: string;
  value: unknown;
  /** The remedy. */
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
