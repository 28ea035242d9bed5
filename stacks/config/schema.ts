/** The form of each part of the stack config; rules across parts are in rules.ts. */
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { rangeProblem } from "../../services/core/net/address-range.ts";
import { ROLES, type Role } from "../roles.ts";
import { addressProblem, normalAddress } from "./address.ts";
import { calendarProblem } from "./calendar.ts";
import { maxReplicas } from "./capacity.ts";
import { imageProblem } from "./image.ts";
import { parseMiB } from "./size.ts";

/** Containers in addition to the roles that have a memory limit. */
export const BACKING_SERVICES = ["postgres", "redis", "registry", "balancer", "edge"] as const;
/** Images that are used unchanged; `debian` is the base of the roles' own images. */
export const IMAGES = ["debian", "postgres", "redis", "registry", "haproxy", "nginx"] as const;
/** Bases of the roles' images that exist on the data host, instead of being built there from `debian` and the internet. */
export const READY_BASES = ["base", "chromium"] as const;

/** Without other keys; `example` is shown for other types. */
const objectOf = <Shape extends z.ZodRawShape>(shape: Shape, example: string) => z.strictObject(shape, `write an object: ${example}`);
const text = (remedy: string, isGood: (value: string) => boolean) => z.string(remedy).refine(isGood, remedy);
const matching = (pattern: RegExp, remedy: string) => text(remedy, (value) => pattern.test(value));
/** `problemOf` returns the problem of a text with its remedy; `remedy` is for other types. */
const checked = (remedy: string, problemOf: (value: string) => string | undefined) =>
  z.string(remedy).superRefine((value, context) => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
const wholeNumber = (min: number, max: number, reason?: string) => {
  const remedy = `write a whole number from ${min} to ${max}${reason === undefined ? "" : `: ${reason}`}`;
  return z.int(remedy).min(min, remedy).max(max, remedy);
};

const [MIN_PORT, MAX_PORT] = [1, 65_535];
const PORT = `write a port from ${MIN_PORT} to ${MAX_PORT}`;
const isPort = (port: number) => port >= MIN_PORT && port <= MAX_PORT;
/** `pattern` has the group `port`. */
const withPort = (pattern: RegExp, remedy: string) =>
  checked(remedy, (value) => {
    const match = pattern.exec(value);
    if (match === null) return remedy;
    const { port = MIN_PORT } = match.groups ?? {};
    return isPort(Number(port)) ? undefined : PORT;
  });

const SIZE = "write a size in MiB or GiB, such as 512MiB or 2GiB";
const size = z
  .string(SIZE)
  .refine((value) => parseMiB(value) !== undefined, SIZE)
  .transform((value) => parseMiB(value) ?? 0);
/** Preflight requires 900 MiB, which is what the kernel leaves of this. */
const MIN_MEMORY_MIB = 1_024;
const hostMemory = size.refine((mebibytes) => mebibytes >= MIN_MEMORY_MIB, "a host needs 1GiB at least: take a larger one");

const NAME = "write 1 to 31 characters a-z, 0-9 and -: a letter first, no hyphen last";
const MESH = "write an IPv4 address of 10.0.0.0/8 or 172.16.0.0/16 that no provider's network has, such as 10.77.0.1";
const isPrivate = (value: string) => ipaddr.IPv4.isValidFourPartDecimal(value) && ipaddr.parse(value).range() === "private";
const isHostPart = (value: string) => !/\.(0|255)$/.test(value);

const USER = /^[a-z_][a-z0-9_-]{0,31}$/;
/** ssh reads both characters as its own syntax. */
const KEY_PATH = 'write the path of the private key, such as ~/.ssh/id_ed25519, without " and \\';
const USERS = "write a list of users, such as [alice, backup]";

export const sshSchema = objectOf(
  {
    user: matching(USER, "write the name of a user who may become root, such as root").optional(),
    allowUsers: z.array(matching(USER, USERS), USERS).optional(),
    privateKeyPath: matching(/^[~/.\w][^\0\n"\\]*$/, KEY_PATH).optional(),
    port: wholeNumber(MIN_PORT, MAX_PORT).optional(),
    proxy: withPort(
      /^([a-z_][a-z0-9_-]{0,31}@)?([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(:(?<port>\d{1,5}))?$/,
      "write a jump host, such as admin@jump.example.org or admin@198.51.100.7:2222",
    ).optional(),
  },
  "{ user: root, privateKeyPath: ~/.ssh/id_ed25519 }",
);

export const hostSchema = objectOf(
  {
    /** Resource name and mesh name; renaming replaces the host. */
    name: matching(/^[a-z](?:[a-z0-9-]{0,29}[a-z0-9])?$/, NAME),
    /** The address for SSH and for the other hosts' mesh. */
    address: checked("write the address at which the host answers SSH, in quotes", addressProblem).transform(normalAddress),
    meshIp: text(MESH, (value) => isPrivate(value) && isHostPart(value)),
    role: z.enum(["data", "worker"], "write data or worker"),
    /** Whether it answers on 80 and 443. */
    edge: z.boolean("write true or false").default(false),
    memory: hostMemory,
    cores: wholeNumber(1, 512).default(1),
    /** Overrides of `orbweaver:ssh`. */
    ssh: sshSchema.optional(),
  },
  "{ name: work1, address: 203.0.113.11, meshIp: 10.77.0.2, role: worker, edge: true, memory: 2GiB }",
).transform(({ edge, memory, ...host }) => ({ ...host, isEdge: edge, memoryMiB: memory }));

/** How the operator reaches a host. */
export interface SshAccess {
  user: string;
  /** Further users that may log in. */
  allowUsers?: string[];
  port: number;
  /** On the operator's machine; `~` is the home directory. Without it, ssh uses the agent's keys and its own configuration. */
  privateKeyPath?: string;
  /** A jump host: `user@host` or `user@host:port`. */
  proxy?: string;
}

/** A host of the stack config, with its SSH settings. */
export type Host = Omit<z.output<typeof hostSchema>, "ssh"> & { ssh: SshAccess };

export const DEFAULT_SSH: SshAccess = { user: "root", port: 22 };

/** Public host keys by host name, as `ssh-ed25519 AAAA…`: recorded by `./orb up` at first contact. */
export const hostKeysSchema = z.record(
  z.string(),
  matching(
    /^ssh-ed25519 [A-Za-z0-9+/]{68}={0,2}$/,
    "write the host's public key, such as ssh-ed25519 AAAA…, from /etc/ssh/ssh_host_ed25519_key.pub",
  ),
  "write an object: { work1: ssh-ed25519 AAAA… }",
);

const SECRET = `set it: pulumi config set --secret orbweaver:secret "$(openssl rand -hex 32)"`;
export const secretSchema = z.string(SECRET).refine((value) => value.length >= 32, `at least 32 characters are needed. ${SECRET}`);

const replicaRange = (role: Role) => {
  const { replicas, reason } = maxReplicas(role);
  return wholeNumber(role === "renderer" ? 0 : 1, replicas, reason);
};
const partialOf = <Key extends string, Schema extends z.ZodType>(keys: readonly Key[], schemaOf: (key: Key) => Schema, example: string) =>
  objectOf(Object.fromEntries(keys.map((key) => [key, schemaOf(key).optional()])) as Record<Key, z.ZodOptional<Schema>>, example);

export const replicasSchema = partialOf(ROLES, replicaRange, "{ webui: 8 }");
export const limitsSchema = partialOf([...ROLES, ...BACKING_SERVICES], () => size, "{ renderer: 512MiB }");

const IMAGE = "write an image with its tag or its digest, such as postgres:17";
export const imagesSchema = partialOf([...IMAGES, ...READY_BASES], () => checked(IMAGE, imageProblem), "{ postgres: postgres:17 }");

const DAY = "write a day, such as 2026-11-29; ./orb upgrade images writes today's";
const isDay = (value: string) =>
  /^\d{4}-\d{2}-\d{2}$/.test(value) && new Date(value).getTime() >= 0 && new Date(value).toISOString().startsWith(value);
/** Pulumi's text for a day that is written without quotes. */
const MIDNIGHT = / 00:00:00 \+0000 UTC$/;
export const imagesOfSchema = z
  .string(DAY)
  .transform((value) => value.replace(MIDNIGHT, ""))
  .refine(isDay, DAY);

const RESTART = "write never, hourly, daily, weekly or another calendar expression of systemd, in quotes";
export const restartSchema = checked(RESTART, (value) => (value === "never" ? undefined : calendarProblem(value)));

const DOMAIN = "write a domain name in small letters that leads to the edge hosts, such as crawl.example.org";
const isDomain = (value: string) =>
  value.length <= 253 && /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/.test(value);
export const domainSchema = text(DOMAIN, isDomain);
export const acmeSchema = objectOf(
  {
    directory: withPort(
      /^https:\/\/[\w.-]+(?::(?<port>\d{1,5}))?(?:\/[\w./-]*)?$/,
      "write the URL of an ACME directory, https://…",
    ).optional(),
    staging: z.boolean("write true or false").optional(),
    email: matching(/^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/, "write an e-mail address, such as admin@example.org").optional(),
    /** PEM of a root that is trusted for the directory's own certificate. */
    authority: matching(/^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, "write the certificate as PEM").optional(),
  },
  "{ email: admin@example.org }",
);
export const certificateSchema = z.string("write chain and private key as PEM");

export const demoSchema = z.boolean("write true or false");
export const aptSourceSchema = matching(
  /^deb (\[[\w=:/., -]+\] )?[a-z]+:\/?\/[\w.:/~%-]+ [\w./ -]+$/,
  "write one line of sources.list: deb http://mirror.example/debian trixie main",
);

export const allowAddressesSchema = z.array(
  checked("write a range with the length of its prefix, in quotes", rangeProblem),
  "write a list of ranges",
);
