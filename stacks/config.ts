/** The stack config (namespace `orbweaver:`): read once, checked completely, then trusted. */
import type { z } from "zod";
import { BadInputError, type Problem } from "../services/core/protocol/errors.ts";
import { toProblems } from "../services/core/protocol/problems.ts";
import { shortages } from "./config/capacity.ts";
import { replicasOf } from "./config/default-replicas.ts";
import { type Container, DEFAULT_IMAGES, DEFAULT_LIMITS_MIB } from "./config/defaults.ts";
import { limitRangeProblems } from "./config/limits.ts";
import { type Demand, memoryProblems } from "./config/memory.ts";
import { allowedRangeProblems, hostProblems, kindProblems, type PlacedHost } from "./config/rules.ts";
import * as schema from "./config/schema.ts";
import { type TlsConfig, tlsOf, tlsProblems } from "./config/tls.ts";
import type { Role } from "./roles.ts";

export type { Host } from "./config/schema.ts";

import { settingName } from "./setting-names.ts";

export interface FleetConfig {
  hosts: schema.Host[];
  /** By host name; only hosts that were contacted before. */
  hostKeys: Record<string, string>;
  /** `derivePasswords` derives every password from it. */
  secret: string;
  /** Replicas in the whole fleet. */
  replicas: Record<Role, number>;
  limitsMiB: Record<Container, number>;
  /** systemd's OnCalendar; undefined: never. */
  restart: string | undefined;
  /** Any visitor may try projects, under tight limits. */
  isDemo: boolean;
  images: Record<(typeof schema.IMAGES)[number], string> & { [Base in (typeof schema.READY_BASES)[number]]?: string };
  /** The day of the packages and images; undefined: the day of the first deployment. */
  imagesOf: string | undefined;
  /** The package source that apt uses instead of a host's own. */
  aptSource: string | undefined;
  /** Private ranges that may be crawled. */
  allowAddresses: string[];
  /** Undefined: the edges serve plain HTTP. */
  tls: TlsConfig | undefined;
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
  imagesOf: schema.imagesOfSchema.optional(),
  aptSource: schema.aptSourceSchema.optional(),
  allowAddresses: schema.allowAddressesSchema.default([]),
  domain: schema.domainSchema.optional(),
  acme: schema.acmeSchema.optional(),
  certificate: schema.certificateSchema.optional(),
} satisfies Record<string, z.ZodType>;
const KEYS = ["hosts", ...Object.keys(PARTS)];

/**
 * Checks a stack config, its keys without their namespace, and fills in the defaults.
 *
 * @throws BadInputError naming every problem at once by the path that `pulumi config set --path` takes, never with the value of a secret or of an
 *   unknown setting.
 */
export function parseStackConfig(values: Record<string, unknown>): FleetConfig {
  const problems: Problem[] = Object.keys(values)
    .filter((key) => !KEYS.includes(key))
    .map((key) => ({ path: key, remedy: `unknown setting: write one of ${KEYS.join(", ")}` }));
  const parts = readParts(values, problems);
  const hosts = readHosts(values.hosts, parts.ssh ?? {}, problems);
  const limits = withoutUndefined(parts.limits ?? {});
  const limitsMiB = { ...DEFAULT_LIMITS_MIB, ...limits };
  const replicas = replicasOf(hosts, { written: withoutUndefined(parts.replicas ?? {}), limits: limitsMiB });
  problems.push(...hostProblems(hosts), ...limitRangeProblems(limits), ...allowedRangeProblems(hosts, parts.allowAddresses ?? []));
  problems.push(...tlsProblems(parts));
  if (isWhole(values.hosts, hosts)) problems.push(...wholeProblems(hosts, { replicas, limits: limitsMiB }));
  if (problems.length > 0) throw new BadInputError("The stack config is not valid", problems.map(inNamespace));
  const { hostKeys, secret, restart, demo, images, imagesOf, aptSource, allowAddresses } = parts as Required<Parts>;
  return {
    hosts: hosts.map(({ index: _, ...host }) => host),
    ...{ hostKeys, secret, replicas, limitsMiB, imagesOf, aptSource, allowAddresses, isDemo: demo },
    tls: tlsOf(parts),
    restart: restart === "never" ? undefined : restart,
    images: { ...DEFAULT_IMAGES, ...withoutUndefined(images) },
  };
}

type Parts = { [Key in keyof typeof PARTS]?: z.output<(typeof PARTS)[Key]> };

const inNamespace = ({ path, ...problem }: Problem): Problem => ({ path: settingName(path), ...problem });

function readHosts(value: unknown, ssh: z.output<typeof schema.sshSchema>, problems: Problem[]): PlacedHost[] {
  if (!Array.isArray(value) || value.length === 0) {
    problems.push({ path: "hosts", remedy: "list one data host and one worker host at least" });
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    const host = read(schema.hostSchema, entry, `hosts[${index}]`, problems);
    if (host === undefined) return [];
    return [{ ...host, ssh: { ...schema.DEFAULT_SSH, ...withoutUndefined(ssh), ...withoutUndefined(host.ssh ?? {}) }, index }];
  });
}

/** Limits over all hosts; checked only for a fleet with every kind of host. */
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
  const { data, error } = part.safeParse(value);
  problems.push(...toProblems(error, { input: value, root: path, shows: (at) => !SECRETS.includes(path) && isShown(at) }));
  return data;
}

const SECRETS = ["secret", "certificate"];
/** Lists and objects may have a secret at a wrong place. */
const isShown = (value: unknown) => typeof value !== "object";

const withoutUndefined = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [Key in keyof T]: NonNullable<T[Key]> };
