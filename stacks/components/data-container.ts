import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { CONTAINER_RUNTIME } from "../render/container-runtime.ts";
import { type DataService, dataFolder, settingsFolder } from "../render/data-script.ts";
import { containerLabels, healthcheckOf } from "./container-labels.ts";
import type { ScriptHost } from "./remote-script.ts";

/** Postgres writes a checkpoint before it stops. */
const STOP_SECONDS = 60;

export interface DataContainerArgs {
  /** The data host. */
  on: ScriptHost;
  service: DataService;
  /** The image's id on the data host. */
  image: pulumi.Input<string>;
  user: string;
  command: string[];
  environment?: string[];
  limitMiB: number;
  /** Published on the mesh address only. */
  publish: { meshIp: string; port: number; internal: number };
  /** The publishing bridge first; then overlays, in which it has the service's name. */
  networks: { bridge: pulumi.Input<string>; overlays: pulumi.Input<string>[] };
  /** The content of its settings files: other content means another container. */
  settingsHash: string;
  healthcheck: string[];
}

/** Postgres, Redis or the registry: one container on the data host. Its data is in a folder of the host that no deployment removes. */
export class DataContainer extends pulumi.ComponentResource {
  readonly container: docker.Container;

  constructor(args: DataContainerArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:DataContainer", args.service, {}, options);
    const { service, publish, networks } = args;
    const mount = ({ host, container }: { host: string; container: string }, readOnly: boolean) => ({
      hostPath: host,
      containerPath: container,
      readOnly,
    });
    const tmpfs = { "/tmp": "mode=1777,size=64m" };
    const healthcheck = healthcheckOf(args.healthcheck, 55);
    this.container = new docker.Container(
      service,
      {
        name: `orbweaver-${service}`,
        image: args.image,
        runtime: CONTAINER_RUNTIME.name,
        user: args.user,
        entrypoints: args.command,
        envs: args.environment ?? [],
        restart: "always",
        readOnly: true,
        tmpfs,
        capabilities: { drops: ["ALL"] },
        memory: args.limitMiB,
        // Both, because the engine's own figure for swap would be a change at the next deployment.
        memorySwap: args.limitMiB,
        shmSize: 64,
        ports: [{ ip: publish.meshIp, external: publish.port, internal: publish.internal, protocol: "tcp" }],
        networksAdvanced: [{ name: networks.bridge }, ...networks.overlays.map((name) => ({ name, aliases: [service] }))],
        volumes: [mount(dataFolder(service), false), ...(service === "registry" ? [] : [mount(settingsFolder(service), true)])],
        labels: containerLabels(args.on, { settings: args.settingsHash, healthcheck, tmpfs }),
        healthcheck,
        wait: true,
        waitTimeout: 120,
        destroyGraceSeconds: STOP_SECONDS,
        stopTimeout: STOP_SECONDS,
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({ id: this.container.id });
  }
}
