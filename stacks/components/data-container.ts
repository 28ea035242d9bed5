import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type DataService, dataFolder, settingsFolder } from "../render/data-script.ts";
import { seconds } from "../render/docker-duration.ts";
import { hostLabels, type ScriptHost } from "./remote-script.ts";

/** Postgres writes a checkpoint before it ends. */
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
  /** On the mesh address alone. */
  publish: { meshIp: string; port: number; internal: number };
  /** The bridge that publishes, first; then overlays, where it goes by the service's name. */
  networks: { bridge: pulumi.Input<string>; overlays: pulumi.Input<string>[] };
  /** What its settings files hold: another content is another container. */
  settingsHash: string;
  healthcheck: string[];
}

/** Postgres, Redis or the registry: one container on the data host, whose data is a folder there that no deployment removes. */
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
    this.container = new docker.Container(
      service,
      {
        name: `orbweaver-${service}`,
        image: args.image,
        user: args.user,
        entrypoints: args.command,
        envs: args.environment ?? [],
        restart: "always",
        readOnly: true,
        tmpfs: { "/tmp": "mode=1777,size=64m" },
        capabilities: { drops: ["ALL"] },
        memory: args.limitMiB,
        // Both, or the engine's own figure for swap is a change at the next deployment.
        memorySwap: args.limitMiB,
        shmSize: 64,
        ports: [{ ip: publish.meshIp, external: publish.port, internal: publish.internal, protocol: "tcp" }],
        networksAdvanced: [{ name: networks.bridge }, ...networks.overlays.map((name) => ({ name, aliases: [service] }))],
        volumes: [mount(dataFolder(service), false), ...(service === "registry" ? [] : [mount(settingsFolder(service), true)])],
        // Changes that the provider would apply in place do not reach a container: any of them makes a new one.
        labels: [
          { label: "orbweaver.settings", value: createHash("sha256").update(args.settingsHash).digest("hex").slice(0, 16) },
          ...hostLabels(args.on),
        ],
        healthcheck: {
          tests: ["CMD", ...args.healthcheck],
          interval: seconds(5),
          timeout: seconds(10),
          retries: 3,
          startPeriod: seconds(55),
        },
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
