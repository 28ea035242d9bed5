import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { MIB } from "../../services/core/protocol/byte-units.ts";
import { RESERVATIONS_MIB } from "../config/defaults.ts";
import { seconds } from "../render/docker-duration.ts";
import { rolloutScript } from "../render/rollout-script.ts";
import { NOBODY, PORTS, type Role } from "../roles.ts";
import { DECLARED_LABEL, hashOf, type ServiceDeclaration } from "../service-declaration.ts";
import { FLEET_TIME_LIMITS } from "../time-limits.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteScript } from "./remote-script.ts";

/** Scratch space of a role, in memory. The renderer's Chromium keeps its profile there. */
const SCRATCH_MIB: Record<Role, number> = { renderer: 128, fetcher: 16, processor: 16, "result-worker": 16, webui: 16, scheduler: 16 };

export interface RoleServiceArgs {
  role: Role;
  /** With its digest. */
  image: pulumi.Input<string>;
  replicas: number;
  /** How many replicas an update replaces at once. */
  atOnce: number;
  limitMiB: number;
  /** Ids of networks. */
  networks: pulumi.Input<string>[];
  /** Variables of the role's `env.ts`; no secret. */
  environment: Record<string, string>;
  /** Secret variables, each given as a file: `ORB_REDIS_URL` becomes `ORB_REDIS_URL_FILE`. */
  secrets: Record<string, pulumi.Input<string>>;
  /** Hosts that may run it, by the label of each host's engine; the first kind is preferred. */
  placement: { constraints: string[]; preferences: string[] };
  /** Architecture of the hosts in Docker's terms: `amd64`. */
  architecture: string;
  /** The host that manages the swarm. */
  on: FleetHost;
  /** What its replicas need before they start; its secrets need only the swarm. */
  database: pulumi.Resource;
  declaration: ServiceDeclaration;
}

/** One role as a Swarm service: new replicas are healthy before old ones leave, and an update whose replicas stay unhealthy is rolled back. */
export class RoleService extends pulumi.ComponentResource {
  readonly service: docker.Service;

  constructor(args: RoleServiceArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:RoleService", args.role, {}, options);
    const { role, declaration } = args;
    const secrets = Object.entries(args.secrets).map(([variable, value]) => this.#secret(role, variable, value));
    const inputs = {
      name: role,
      labels: [{ label: DECLARED_LABEL, value: declaration.label }],
      mode: { replicated: { replicas: args.replicas } },
      taskSpec: taskSpecOf(args, secrets),
      // Neither the routing mesh nor virtual addresses: HAProxy needs all replicas' addresses by name.
      endpointSpec: { mode: "dnsrr" },
      updateConfig: rollConfig(args.atOnce, "rollback"),
      rollbackConfig: rollConfig(args.atOnce, "pause"),
    };
    this.service = new docker.Service(
      role,
      inputs,
      // A scheduled restart changes the number of forced updates. It is declared again only together with a real change.
      { parent: this, dependsOn: [args.database], ignoreChanges: declaration.isUnchanged ? ["taskSpec.forceUpdate"] : [] },
    );
    // The provider polls a service every 5 s, and first after 7 s.
    const declared = pulumi.output({ ...inputs, taskSpec: { ...inputs.taskSpec, forceUpdate: 0 } }).apply(hashOf);
    remoteScript(
      `${role}-rollout`,
      { on: args.on, script: pulumi.interpolate`${this.service.id} ${declared}`.apply((text) => rolloutScript(role, text)) },
      { parent: this, dependsOn: [this.service] },
    );
    this.registerOutputs({ service: this.service.id });
  }

  /** The name contains a hash of the value, because Swarm's secrets cannot be changed: a new value is a new secret, and the old one is removed last. */
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

interface NamedSecret {
  variable: string;
  secret: docker.Secret;
}

/** In the provider's read format, because every deployment would find a change otherwise: lab/providers/docker/contract.ts has the rules. */
function taskSpecOf(args: RoleServiceArgs, secrets: NamedSecret[]) {
  const { role } = args;
  return {
    forceUpdate: args.declaration.forcedRolls,
    containerSpec: {
      ...hardened(role),
      image: args.image,
      // As variables of the specification they would be sent in another order each time, and Swarm would restart all replicas.
      commands: ["env"],
      // Swarm fills it in; one variable has only one order.
      env: { ORB_NODE: "{{.Node.Hostname}}" },
      args: [...environmentWords(args, secrets), "node", "main.ts"],
      secrets: secrets.map(({ variable, secret }) => ({
        secretId: secret.id,
        secretName: secret.name,
        fileName: secretPath(variable),
        fileUid: NOBODY.split(":")[0] ?? "",
        fileGid: NOBODY.split(":")[1] ?? "",
        fileMode: 0o400,
      })),
      healthcheck: livenessCheck(PORTS[role]),
      stopGracePeriod: seconds(FLEET_TIME_LIMITS.stopGraceMs / 1_000),
    },
    networksAdvanceds: args.networks.map((id) => ({ id })),
    placement: {
      constraints: args.placement.constraints,
      prefs: args.placement.preferences,
      platforms: [{ os: "linux", architecture: args.architecture }],
    },
    resources: {
      limits: { memoryBytes: args.limitMiB * MIB },
      reservation: { memoryBytes: Math.min(RESERVATIONS_MIB[role], args.limitMiB) * MIB },
    },
    restartPolicy: { condition: "any", delay: "1s", window: "0s" },
  };
}

/** `["ORB_HOST=0.0.0.0", …]`, sorted by name. */
const environmentWords = ({ environment }: RoleServiceArgs, secrets: NamedSecret[]): string[] =>
  Object.entries({
    ORB_HOST: "0.0.0.0",
    ...environment,
    ...Object.fromEntries(secrets.map(({ variable }) => [`${variable}_FILE`, secretPath(variable)])),
  })
    .map(([name, value]) => `${name}=${value}`)
    .sort();

const rollConfig = (parallelism: number, failureAction: "rollback" | "pause") => ({
  order: "start-first",
  parallelism,
  delay: "1s",
  monitor: "5s",
  failureAction,
  maxFailureRatio: "0.0",
});

const slug = (variable: string) => variable.replace(/^ORB_/, "").toLowerCase().replaceAll("_", "-");
const secretPath = (variable: string) => `/run/secrets/${slug(variable)}`;

const hardened = (role: Role) => ({
  user: NOBODY,
  readOnly: true,
  capDrops: ["ALL"],
  init: true,
  mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: SCRATCH_MIB[role] * MIB, mode: 0o777 } }],
});

/**
 * Uses only the shell: a Node process per check would cost more than the role, and each check costs the engine about 30 ms of a core. The
 * balancer's own checks decide which replica gets requests.
 */
const livenessCheck = (port: number) => ({
  tests: [
    "CMD",
    "bash",
    "-c",
    `exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET /livez HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ "$status" = 200 ]`,
  ],
  interval: seconds(5),
  // A busy host is no reason to kill its containers.
  timeout: seconds(10),
  retries: 3,
  startPeriod: seconds(55),
});
