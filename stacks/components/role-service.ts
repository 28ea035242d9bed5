import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { RESERVATIONS_MIB } from "../config/defaults.ts";
import { PORTS, type Role } from "../roles.ts";
import { FLEET_TIME_LIMITS } from "../time-limits.ts";

const MIB = 1_048_576;
/** Images run as this user; it owns nothing. */
const NOBODY = "10001:10001";
/** Scratch space of a role, in memory. The renderer's Chromium keeps its profile there. */
const SCRATCH_MIB: Record<Role, number> = { renderer: 128, fetcher: 16, processor: 16, "result-worker": 16, webui: 16, scheduler: 16 };

export interface RoleServiceArgs {
  role: Role;
  /** With its digest. */
  image: pulumi.Input<string>;
  replicas: number;
  limitMiB: number;
  /** Ids of networks. */
  networks: pulumi.Input<string>[];
  /** Variables of the role's `env.ts`; no secret. */
  environment: Record<string, pulumi.Input<string>>;
  /** Secret variables, each given as a file: `ORB_REDIS_URL` becomes `ORB_REDIS_URL_FILE`. */
  secrets: Record<string, pulumi.Input<string>>;
  /** Hosts that may run it, by the label that each host's engine has; the first kind is preferred. */
  placement: { constraints: string[]; preferences: string[] };
  /** As Swarm has it: another number would renew all replicas. */
  forcedRolls: number;
}

/** One role as a Swarm service: new replicas are healthy before old ones leave, and an update whose replicas stay sick is rolled back. */
export class RoleService extends pulumi.ComponentResource {
  readonly service: docker.Service;

  constructor(args: RoleServiceArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:RoleService", args.role, {}, options);
    const { role } = args;
    const secrets = Object.entries(args.secrets).map(([variable, value]) => this.#secret(role, variable, value));
    this.service = new docker.Service(
      role,
      {
        name: role,
        mode: { replicated: { replicas: args.replicas } },
        taskSpec: {
          forceUpdate: args.forcedRolls,
          containerSpec: {
            ...hardened(role),
            image: args.image,
            env: {
              ORB_HOST: "0.0.0.0",
              ...args.environment,
              ...Object.fromEntries(Object.keys(args.secrets).map((variable) => [`${variable}_FILE`, secretPath(variable)])),
            },
            secrets: secrets.map(({ variable, secret }) => ({
              secretId: secret.id,
              secretName: secret.name,
              fileName: secretPath(variable),
              fileUid: NOBODY.split(":")[0] ?? "",
              fileGid: NOBODY.split(":")[1] ?? "",
              fileMode: 0o400,
            })),
            healthcheck: livenessCheck(PORTS[role]),
            stopGracePeriod: `${FLEET_TIME_LIMITS.stopGraceMs / 1_000}s`,
          },
          networksAdvanceds: args.networks.map((name) => ({ name })),
          placement: { constraints: args.placement.constraints, prefs: args.placement.preferences },
          resources: {
            limits: { memoryBytes: args.limitMiB * MIB },
            reservation: { memoryBytes: Math.min(RESERVATIONS_MIB[role], args.limitMiB) * MIB },
          },
          restartPolicy: { condition: "any", delay: "1s", window: "0s" },
        },
        // Swarm's own balancing needs a kernel module that small hosts lack, and hides replicas from the balancer's checks.
        endpointSpec: { mode: "dnsrr" },
        updateConfig: {
          order: "start-first",
          parallelism: 1,
          delay: "1s",
          monitor: "5s",
          failureAction: "rollback",
          maxFailureRatio: "0.0",
        },
        rollbackConfig: {
          order: "start-first",
          parallelism: 1,
          delay: "1s",
          monitor: "5s",
          failureAction: "pause",
          maxFailureRatio: "0.0",
        },
        convergeConfig: { delay: "1s", timeout: "300s" },
      },
      { parent: this, customTimeouts: { create: "10m", update: "20m" } },
    );
    this.registerOutputs({ service: this.service.id });
  }

  /** Named by its content, because Swarm's secrets cannot be changed: a new value is a new secret, and the old one goes last. */
  #secret(role: Role, variable: string, value: pulumi.Input<string>) {
    const data = pulumi.secret(pulumi.output(value).apply((text) => Buffer.from(text).toString("base64")));
    const name = pulumi
      .output(value)
      .apply((text) => `${role}-${slug(variable)}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}`);
    const secret = new docker.Secret(
      `${role}-${slug(variable)}`,
      { name: pulumi.unsecret(name), data },
      { parent: this, deleteBeforeReplace: false },
    );
    return { variable, secret };
  }
}

const slug = (variable: string) => variable.replace(/^ORB_/, "").toLowerCase().replaceAll("_", "-");
const secretPath = (variable: string) => `/run/secrets/${slug(variable)}`;

const hardened = (role: Role) => ({
  user: NOBODY,
  readOnly: true,
  capDrops: ["ALL"],
  init: true,
  mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: SCRATCH_MIB[role] * MIB, mode: 0o1777 } }],
});

/**
 * By the shell alone: a Node process each time would cost more than the role; and each check costs the engine some 30 ms of a core. Which replica
 * gets requests is decided by the balancer's own checks.
 */
const livenessCheck = (port: number) => ({
  tests: [
    "CMD",
    "bash",
    "-c",
    `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ "$status" = 200 ]`,
  ],
  interval: "3s",
  // A host that is busy is no reason to kill what runs on it.
  timeout: "10s",
  retries: 5,
  startPeriod: "60s",
});
