/** What users import as `haproxy-config-generator`. */
export { renderConfiguration } from "./configuration.ts";
export { type ModelProblem, RefusedModelError } from "./errors.ts";
export type * from "./model.ts";
