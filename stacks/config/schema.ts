/** The form of each part of the stack config; what the parts must be together is in rules.ts. */
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { isCidr } from "../../services/core/env.ts";
import { ROLES, type Role, SERVER_SLOTS } from "../roles.ts";
import { parseMiB } from "./size.ts";

/** Containers beside the roles that have a memory limit. */
export const BACKING_SERVICES = ["postgres", "redis", "registry", "balancer", "edge"] as const;
/** Images that are taken over as they are; `debian` is what the roles' own images build on. */
export const IMAGES = ["debian", "postgres", "redis", "registry", "haproxy", "nginx"] as const;
/** Bases of the roles' images that are ready on the data host, instead of built there from `debian` and the internet. */
export const READY_BASES = ["base", "chromium"] as const;

/** An update starts one replica more than there are, and each takes a place in the balancer. */
const MAX_REPLICAS = SERVER_SLOTS - 1;
const MAX_SCHEDULERS = 3;

const text = (remedy: string, isGood: (value: string) => boolean) => z.string(remedy).refine(isGood, remedy);
const matching = (pattern: RegExp, remedy: string) => text(remedy, (value) => pattern.test(value));
const wholeNumber = (min: number, max: number) => {
  const remedy = `write a whole number from ${min} to ${max}`;
  return z.int(remedy).min(min, remedy).max(max, remedy);
};

const SIZE = "write a size in MiB or GiB, such as 512MiB or 2GiB";
const size = z
  .string(SIZE)
  .refine((value) => parseMiB(value) !== undefined, SIZE)
  .transform((value) => parseMiB(value) ?? 0);

const MESH = "write an IPv4 address of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 that no provider's network has, such as 10.77.0.1";
const isPrivate = (value: string) => ipaddr.IPv4.isValidFourPartDecimal(value) && ipaddr.parse(value).range() === "private";
const isHostPart = (value: string) => !/\.(0|255)$/.test(value);

export const sshSchema = z.strictObject({
  user: matching(/^[a-z_][a-z0-9_-]{0,31}$/, "write the name of a user who may become root, such as root").optional(),
  privateKeyPath: matching(/^[~/.\w][^\0\n]*$/, "write the path of the private key, such as ~/.ssh/id_ed25519").optional(),
  port: wholeNumber(1, 65_535).optional(),
  proxy: matching(
    /^([a-z_][a-z0-9_-]{0,31}@)?([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/,
    "write a jump host, such as admin@jump.example.org or admin@198.51.100.7:2222",
  ).optional(),
});

export const hostSchema = z
  .strictObject({
    /** Resource name and mesh name; renaming replaces the host. */
    name: matching(/^[a-z][a-z0-9]{1,30}$/, "write 2 to 31 characters a-z and 0-9, a letter first: names in the mesh allow no hyphen"),
    /** Where it answers SSH and the other hosts' mesh. */
    address: text("write the IP address at which the host answers SSH", (value) => ipaddr.isValid(value) && !value.includes("%")),
    meshIp: text(MESH, (value) => isPrivate(value) && isHostPart(value)),
    role: z.enum(["data", "worker"], "write data or worker"),
    /** Whether it answers on 80 and 443. */
    edge: z.boolean("write true or false").default(false),
    memory: size,
    cores: wholeNumber(1, 512).default(1),
    /** What differs from `orbweaver:ssh`. */
    ssh: sshSchema.optional(),
  })
  .transform(({ edge, memory, ...host }) => ({ ...host, isEdge: edge, memoryMiB: memory }));

/** How the operator reaches a host. */
export interface SshAccess {
  user: string;
  port: number;
  /** On the operator's machine; `~` is the home directory. Without it, ssh takes keys from the agent and its own configuration. */
  privateKeyPath?: string;
  /** A jump host: `user@host` or `user@host:port`. */
  proxy?: string;
}

/** A host of the stack config, with its own way in. */
export type Host = Omit<z.output<typeof hostSchema>, "ssh"> & { ssh: SshAccess };

export const DEFAULT_SSH: SshAccess = { user: "root", port: 22 };

/** Public host keys by host name, as `ssh-ed25519 AAAA…`: what `./orb up` recorded at first contact. */
export const hostKeysSchema = z.record(
  z.string(),
  matching(
    /^ssh-ed25519 [A-Za-z0-9+/]{68}={0,2}$/,
    "write the host's public key, such as ssh-ed25519 AAAA…, from /etc/ssh/ssh_host_ed25519_key.pub",
  ),
  "write an object: { work1: ssh-ed25519 AAAA… }",
);

const SECRET = `set it: pulumi config set --secret orbweaver:secret "$(openssl rand -hex 32)"`;
export const secretSchema = z.string(SECRET).min(32, `at least 32 characters are needed. ${SECRET}`);

const replicaRange = (role: Role) => {
  if (role === "scheduler") return wholeNumber(1, MAX_SCHEDULERS);
  return wholeNumber(role === "renderer" ? 0 : 1, MAX_REPLICAS);
};
const partialOf = <Key extends string, Schema extends z.ZodType>(keys: readonly Key[], schemaOf: (key: Key) => Schema) =>
  z.strictObject(Object.fromEntries(keys.map((key) => [key, schemaOf(key).optional()])) as Record<Key, z.ZodOptional<Schema>>);

export const replicasSchema = partialOf(ROLES, replicaRange);
export const limitsSchema = partialOf([...ROLES, ...BACKING_SERVICES], () => size);

const IMAGE = "write an image with its tag or, better, its digest, such as registry.example/postgres@sha256:<64 hexadecimal digits>";
export const imagesSchema = partialOf([...IMAGES, ...READY_BASES], () =>
  matching(/^[a-z0-9][a-z0-9._/:-]{0,200}(:[\w.-]{1,128}|@sha256:[0-9a-f]{64})$/, IMAGE),
);

const CALENDAR =
  /^(?:hourly|daily|weekly|monthly|(?:[A-Z][a-z]{2}(?:(?:,|\.\.)[A-Z][a-z]{2})* )?(?:[\d*/,.]+(?:-[\d*/,.]+){1,2} )?[\d*/,.]+:[\d/,.]+(?::\d\d?)?)$/;
export const restartSchema = text(
  "write never, hourly, daily, weekly or another systemd OnCalendar of minutes or more, such as *:0/30 or Mon..Fri 04:00",
  (value) => value === "never" || CALENDAR.test(value),
);

export const demoSchema = z.boolean("write true or false");
export const aptSourceSchema = matching(
  /^deb (\[[\w=:/. -]+\] )?[a-z]+:\/?\/[\w.:/~%-]+ [\w./ -]+$/,
  "write one line of sources.list: deb http://mirror.example/debian trixie main",
);
export const allowAddressesSchema = z.array(text("write a range, such as 10.0.0.0/8", isCidr), "write a list of ranges");
