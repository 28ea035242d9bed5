/** The stack config (namespace `orbweaver:`): read once, checked whole, then trusted. */
import type { z } from "zod";
import { BadInputError, type Problem } from "../services/core/errors.ts";
import { shortages } from "./config/capacity.ts";
import { replicasOf } from "./config/default-replicas.ts";
import { type Container, DEFAULT_IMAGES, DEFAULT_LIMITS_MIB } from "./config/defaults.ts";
import { limitRangeProblems } from "./config/limits.ts";
import { type Demand, memoryProblems } from "./config/memory.ts";
import { allowedRangeProblems, hostProblems, kindProblems, type PlacedHost } from "./config/rules.ts";
import * as schema from "./config/schema.ts";
import type { Role } from "./roles.ts";

export type { Host } from "./config/schema.ts";

export interface FleetConfig {
  hosts: schema.Host[];
  /** By host name; of hosts that were met before. */
  hostKeys: Record<string, string>;
  /** Every password derives from it: `derivePasswords`. */
  secret: string;
  /** In the whole fleet. */
  replicas: Record<Role, number>;
  limitsMiB: Record<Container, number>;
  /** systemd's OnCalendar; undefined: never. */
  restart: string | undefined;
  /** Anyone may try projects, under tight limits. */
  isDemo: boolean;
  images: Record<(typeof schema.IMAGES)[number], string> & { [Base in (typeof schema.READY_BASES)[number]]?: string };
  /** What apt reads instead of a host's own sources. */
  aptSource: string | undefined;
  /** Private ranges that may be crawled. */
  allowAddresses: string[];
}

const PARTS = {
  ssh: schema.sshSchema.default({}),
  hostKeys: schema.hostKeysSchema.default({}),
  secret: schema.secretSchema,
  replicas: schema.replicasSchema.default({}),
  limits: schema.limitsSchema.default({}),
  restart: schema.restartSchema.default("hourly"),
  demo: schema.demoSchema.default(false),
  images: schema.imagesSchema.default({}),
  aptSource: schema.aptSourceSchema.optional(),
  allowAddresses: schema.allowAddressesSchema.default([]),
} satisfies Record<string, z.ZodType>;
const KEYS = ["hosts", ...Object.keys(PARTS)];

/**
 * Checks a stack config, its keys without their namespace, and fills in what it leaves out.
 *
 * @throws BadInputError naming every problem at once by the path that `pulumi config set --path` takes, never with the secret's value.
 */
export function parseStackConfig(values: Record<string, unknown>): FleetConfig {
  const problems: Problem[] = Object.keys(values)
    .filter((key) => !KEYS.includes(key))
    .map((key) => ({ path: key, value: values[key], remedy: `there is no such setting: write one of ${KEYS.join(", ")}` }));
  const parts = readParts(values, problems);
  const hosts = readHosts(values.hosts, parts.ssh ?? {}, problems);
  const limits = withoutUndefined(parts.limits ?? {});
  const limitsMiB = { ...DEFAULT_LIMITS_MIB, ...limits };
  const replicas = replicasOf(hosts, { written: withoutUndefined(parts.replicas ?? {}), limits: limitsMiB });
  problems.push(...hostProblems(hosts), ...limitRangeProblems(limits), ...allowedRangeProblems(hosts, parts.allowAddresses ?? []));
  if (isWhole(values.hosts, hosts)) problems.push(...wholeProblems(hosts, { replicas, limits: limitsMiB }));
  if (problems.length > 0) throw new BadInputError("The stack config does not fit", problems.map(inNamespace));
  const { hostKeys, secret, restart, demo, images, aptSource, allowAddresses } = parts as Required<Parts>;
  return {
    hosts: hosts.map(({ index: _, ...host }) => host),
    ...{ hostKeys, secret, replicas, limitsMiB, aptSource, allowAddresses, isDemo: demo },
    restart: restart === "never" ? undefined : restart,
    images: { ...DEFAULT_IMAGES, ...withoutUndefined(images) },
  };
}

type Parts = { [Key in keyof typeof PARTS]?: z.output<(typeof PARTS)[Key]> };

const inNamespace = ({ path, ...problem }: Problem): Problem => ({ path: `orbweaver:${path}`, ...problem });

function readHosts(value: unknown, ssh: z.output<typeof schema.sshSchema>, problems: Problem[]): PlacedHost[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.push({ path: "hosts", ...shown("hosts", value), remedy: "list one data host and one worker host at least" });
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    const host = read(schema.hostSchema, entry, `hosts[${index}]`, problems);
    if (host === undefined) return [];
    return [{ ...host, ssh: { ...schema.DEFAULT_SSH, ...withoutUndefined(ssh), ...withoutUndefined(host.ssh ?? {}) }, index }];
  });
}

/** Of all hosts together; what they hold is asked only of a fleet that has every kind. */
function wholeProblems(hosts: readonly PlacedHost[], demand: Demand): Problem[] {
  const kinds = kindProblems(hosts);
  if (kinds.length > 0) return kinds;
  return [...memoryProblems(hosts, demand), ...shortages(hosts, demand.replicas).map(({ problem }) => problem)];
}

const isWhole = (value: unknown, hosts: readonly PlacedHost[]) => Array.isArray(value) && value.length > 0 && value.length === hosts.length;

function readParts(values: Record<string, unknown>, problems: Problem[]): Parts {
  const entries = Object.entries(PARTS).map(([key, part]) => [key, read<unknown>(part, values[key], key, problems)]);
  return Object.fromEntries(entries) as Parts;
}

function read<T>(part: z.ZodType<T>, value: unknown, path: string, problems: Problem[]): T | undefined {
  const parsed = part.safeParse(value);
  if (parsed.success) return parsed.data;
  problems.push(...parsed.error.issues.flatMap((issue) => toProblems(issue, path, value)));
  return undefined;
}

function toProblems(issue: z.core.$ZodIssue, root: string, value: unknown): Problem[] {
  const path = issue.path.reduce<string>((text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}.${String(key)}`), root);
  const given = issue.path.reduce<unknown>((place, key) => (place as Record<PropertyKey, unknown> | undefined)?.[key], value);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: `${path}.${key}`,
      ...shown(root, (given as Record<string, unknown>)[key]),
      remedy: "there is no such setting",
    }));
  }
  const isObjectMissing = issue.code === "invalid_type" && issue.message.startsWith("Invalid input");
  const remedy = isObjectMissing ? `write an object: ${EXAMPLES[root.replace(/\[\d+\]$/, "")] ?? "{ … }"}` : issue.message;
  return [
    { path, ...shown(root, given), remedy: issue.code === "invalid_union" ? (issue.errors[0]?.[0]?.message ?? issue.message) : remedy },
  ];
}

/** Of the parts that are objects. */
const EXAMPLES: Record<string, string> = {
  hosts: "{ name: work1, address: 203.0.113.11, meshIp: 10.77.0.2, role: worker, edge: true, memory: 2GiB }",
  ssh: "{ user: root, privateKeyPath: ~/.ssh/id_ed25519 }",
  replicas: "{ webui: 8 }",
  limits: "{ renderer: 512MiB }",
  images: "{ postgres: postgres:17 }",
};

const shown = (root: string, value: unknown) => (value === undefined || root === "secret" ? {} : { value });

const withoutUndefined = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [Key in keyof T]: NonNullable<T[Key]> };
