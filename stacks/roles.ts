/** Roles that run as replicated groups on the worker hosts, in restart order: roles that serve others come first. */
export const GROUPS = ["renderer", "fetcher", "processor", "result-worker", "webui"] as const;
export const ROLES = [...GROUPS, "scheduler"] as const;
/** Groups with an HTTP service, which are behind the balancer. */
export const HTTP_GROUPS = ["renderer", "fetcher", "webui"] as const;

/** User and group of the roles and the edge; it owns no files. */
export const NOBODY = "10001:10001";

export type Group = (typeof GROUPS)[number];
export type Role = (typeof ROLES)[number];
export type HttpGroup = (typeof HTTP_GROUPS)[number];

/** Overlay networks by their service: Postgres; Redis; HTTP between roles through the balancer. */
export type Network = "store" | "queue" | "web";

/** The overlay networks that each role is in: those that it needs. */
export const NETWORKS: Record<Role, readonly Network[]> = {
  scheduler: ["store", "queue"],
  fetcher: ["queue", "web"],
  processor: ["queue"],
  "result-worker": ["store", "queue"],
  webui: ["store", "queue", "web"],
  renderer: ["web"],
};

/** The default port of each role; test/unit/stacks/roles.test.ts keeps it equal to the roles' own `env.ts`. */
export const PORTS = {
  renderer: 25_555,
  fetcher: 24_444,
  processor: 24_445,
  "result-worker": 24_446,
  webui: 5_000,
  scheduler: 23_333,
} as const satisfies Record<Role, number>;

/** Where the balancer shows its state and metrics. */
export const STATUS_PORT = 8_404;

/** Maximum addresses of a group in the balancer; a group has fewer replicas, because an update adds one. */
export const SERVER_SLOTS = 32;
