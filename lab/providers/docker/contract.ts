/**
 * Inputs that the real docker provider (5.2.0) reads back as another value, so that every deployment would find a change: observed with the real
 * plugin, and taken from its sources (terraform-provider-docker, resource_docker_service_structures.go and resource_docker_container_funcs.go).
 * The stand-in refuses them. test/lab/chapters/day-to-day.ts tests the stacks with the provider that is installed.
 */
import type { Values } from "../protocol/kind.ts";
import { nanoseconds } from "./units.ts";

interface ContractRule {
  /** The path of the input, such as `taskSpec.placement.platforms`; `[]` means each entry of a list. */
  path: string;
  /** The value that the provider reads back; undefined if it reads none. */
  readBack: (value: unknown) => unknown;
  reason: string;
}

/** Go's text of a duration: `60s` -> `1m0s`. */
export function goDuration(text: string): string {
  const seconds = nanoseconds(text) / 1e9;
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/** The read format of a service's durations: `1m0s` -> `1m`, `1h0m` -> `1h`. */
export const serviceDuration = (text: string): string => goDuration(text).replace(/m0s$/, "m").replace(/h0m$/, "h");

const duration = (path: string, readBack: (text: string) => string): ContractRule => ({
  path,
  readBack: (value) => readBack(String(value)),
  reason: "durations are read back in Go's form",
});

export const SERVICE_CONTRACT: ContractRule[] = [
  ...["interval", "timeout", "startPeriod"].map((name) => duration(`taskSpec.containerSpec.healthcheck.${name}`, serviceDuration)),
  duration("taskSpec.containerSpec.stopGracePeriod", serviceDuration),
  ...["delay", "window"].map((name) => duration(`taskSpec.restartPolicy.${name}`, serviceDuration)),
  ...["updateConfig", "rollbackConfig"].flatMap((config) =>
    ["delay", "monitor"].map((name) => duration(`${config}.${name}`, serviceDuration)),
  ),
  {
    path: "taskSpec.containerSpec.mounts[].tmpfsOptions.mode",
    readBack: (value) => Number(value) & 0o777,
    reason: "only the permission bits are read back",
  },
];

export const CONTAINER_CONTRACT: ContractRule[] = ["interval", "timeout", "startPeriod"].map((name) =>
  duration(`healthcheck.${name}`, goDuration),
);

/** One sentence for every input that would be read back as another value. */
export function contractBreaches(rules: readonly ContractRule[], inputs: Values): string[] {
  return rules.flatMap(({ path, readBack, reason }) =>
    valuesAt(inputs, path.split("."))
      .filter((value) => value !== undefined && readBack(value) !== value)
      .map((value) => `${path} = ${JSON.stringify(value)} is read back as ${JSON.stringify(readBack(value))}: ${reason}`),
  );
}

/** A service without platforms gets them from the registry when it is created, and loses them at its first update. */
export const platformBreach = ({ taskSpec }: Values): string[] =>
  (taskSpec?.placement?.platforms ?? []).length > 0
    ? []
    : ["taskSpec.placement.platforms is missing: the provider would add it, and drop it later"];

/** The provider sends variables in another order each time, and Swarm restarts all replicas for that. */
export const environmentBreach = ({ taskSpec }: Values): string[] =>
  Object.keys(taskSpec?.containerSpec?.env ?? {}).length <= 1
    ? []
    : ["taskSpec.containerSpec.env has several variables, whose order would change with each deployment"];

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [first, ...rest] = path;
  if (first === undefined) return [value];
  const inner = (value as Values | undefined)?.[first.replace("[]", "")] as unknown;
  if (inner === undefined) return [];
  return first.endsWith("[]") ? (inner as unknown[]).flatMap((entry) => valuesAt(entry, rest)) : valuesAt(inner, rest);
}
