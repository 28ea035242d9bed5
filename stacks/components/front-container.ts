import type { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { CONTAINER_RUNTIME } from "../render/container-runtime.ts";
import { FRONT_RUN_DIRECTORY, type Front, frontFolder, frontScript } from "../render/front-script.ts";
import { FLEET_TIME_LIMITS } from "../time-limits.ts";
import { containerLabels, healthcheckOf } from "./container-labels.ts";
import type { FleetHost } from "./fleet-host.ts";
import { onHost, remoteScript } from "./remote-script.ts";

export interface FrontContainerArgs {
  on: FleetHost;
  front: Front;
  settings: string;
  image: pulumi.Input<string>;
  user: string;
  command: string[];
  limitMiB: number;
  /** Paths that it may write to, in memory. */
  scratchMiB: number;
  network: { mode: "host" } | { bridge: pulumi.Input<string>; overlay: pulumi.Input<string>; meshIp: string; ports: number[] };
  healthcheck: string[];
}

/**
 * The balancer or the edge of one worker host. It owns ports of the host, so it cannot be replaced without a gap. It reloads its settings from
 * files; another image, health check or scratch size replaces it.
 */
export class FrontContainer extends pulumi.ComponentResource {
  readonly container: docker.Container;
  readonly settings: local.Command;

  constructor(args: FrontContainerArgs, options: pulumi.ComponentResourceOptions) {
    const name = `${args.on.host.name}-${args.front.name}`;
    super("orbweaver:FrontContainer", name, {}, options);
    this.settings = remoteScript(`${name}-settings`, { on: args.on, script: frontScript(args.front, args.settings) }, { parent: this });
    const stopSeconds = Math.ceil(FLEET_TIME_LIMITS.stopGraceMs / 1_000);
    const tmpfs = { [FRONT_RUN_DIRECTORY]: `mode=1777,size=${args.scratchMiB}m` };
    const healthcheck = healthcheckOf(args.healthcheck, 20);
    this.container = new docker.Container(
      name,
      {
        name: `orbweaver-${args.front.name}`,
        image: args.image,
        runtime: CONTAINER_RUNTIME.name,
        user: args.user,
        entrypoints: args.command,
        restart: "always",
        readOnly: true,
        tmpfs,
        capabilities: { drops: ["ALL"] },
        labels: containerLabels(args.on, { healthcheck, tmpfs }),
        memory: args.limitMiB,
        memorySwap: args.limitMiB,
        volumes: [{ hostPath: frontFolder(args.front), containerPath: frontFolder(args.front), readOnly: true }],
        ...networkOf(args),
        healthcheck,
        wait: true,
        waitTimeout: 60,
        destroyGraceSeconds: stopSeconds,
        stopTimeout: stopSeconds,
      },
      onHost(args.on, { parent: this, provider: args.on.docker, dependsOn: [this.settings], deleteBeforeReplace: true }),
    );
    this.registerOutputs({ id: this.container.id });
  }
}

function networkOf({ network, front }: FrontContainerArgs): Partial<docker.ContainerArgs> {
  if ("mode" in network) return { networkMode: network.mode };
  return {
    ports: network.ports.map((port) => ({ ip: network.meshIp, external: port, internal: port, protocol: "tcp" })),
    networksAdvanced: [{ name: network.bridge }, { name: network.overlay, aliases: [front.name] }],
  };
}
