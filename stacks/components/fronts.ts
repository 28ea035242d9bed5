import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { FleetConfig } from "../config.ts";
import { FRONT_RANGE, meshRange } from "../ranges.ts";
import { balancerInSwarm, renderBalancer } from "../render/balancer.ts";
import { EDGE_HEALTH_PATH, renderEdge } from "../render/edge.ts";
import { BALANCER, EDGE, FRONT_RUN_DIRECTORY } from "../render/front-script.ts";
import { HTTP_GROUPS, PORTS, STATUS_PORT } from "../roles.ts";
import type { FleetNetworks } from "./data-plane.ts";
import type { FleetHost } from "./fleet-host.ts";
import { FrontContainer } from "./front-container.ts";
import { hostLabels, onHost } from "./remote-script.ts";

export interface FrontsArgs {
  /** The worker hosts. */
  on: FleetHost[];
  config: FleetConfig;
  networks: FleetNetworks;
  images: pulumi.Output<Record<string, string>>;
}

/** A balancer on every worker host, an edge on those that the internet may ask. */
export class Fronts extends pulumi.ComponentResource {
  readonly containers: FrontContainer[];

  constructor(args: FrontsArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:Fronts", "fronts", {}, options);
    this.containers = args.on.flatMap((on) => {
      const balancer = this.#balancer(on, args);
      return on.host.isEdge ? [balancer, this.#edge(on, args, balancer)] : [balancer];
    });
    this.registerOutputs();
  }

  #balancer(on: FleetHost, { config, networks, images }: FrontsArgs): FrontContainer {
    const bridge = new docker.Network(
      `${on.host.name}-front-bridge`,
      { name: "orbweaver-front", driver: "bridge", ipamConfigs: [{ subnet: FRONT_RANGE }], labels: hostLabels(on) },
      onHost(on, { parent: this, provider: on.docker }),
    );
    const settings = renderBalancer(balancerInSwarm([meshRange(on.host.meshIp), FRONT_RANGE]));
    const args = {
      ...{ on, settings, front: BALANCER },
      image: images.apply((reference) => reference.haproxy ?? ""),
      user: "haproxy",
      command: ["haproxy", "-W", "-db", "-f", BALANCER.file],
      limitMiB: config.limitsMiB.balancer,
      scratchMiB: 8,
      network: {
        bridge: bridge.name,
        overlay: networks.web.name,
        meshIp: on.host.meshIp,
        ports: [...HTTP_GROUPS.map((group) => PORTS[group]), STATUS_PORT],
      },
      healthcheck: ["bash", "-c", `exec 3<>/dev/tcp/127.0.0.1/${STATUS_PORT}`],
    };
    return new FrontContainer(args, { parent: this });
  }

  #edge(on: FleetHost, { config, images, on: all }: FrontsArgs, balancer: FrontContainer): FrontContainer {
    const others = all.filter(({ host }) => host.name !== on.host.name).map(({ host }) => `${host.meshIp}:${PORTS.webui}`);
    const settings = renderEdge({
      balancers: [`${on.host.meshIp}:${PORTS.webui}`, ...others],
      ports: { http: 80, https: 443 },
      cacheDirectory: `${FRONT_RUN_DIRECTORY}/pages`,
      runDirectory: FRONT_RUN_DIRECTORY,
    });
    const args = {
      ...{ on, settings, front: EDGE },
      image: images.apply((reference) => reference.nginx ?? ""),
      // Owns nothing in the image; what it writes is in memory.
      user: "10001:10001",
      command: ["nginx", "-e", "stderr", "-c", EDGE.file, "-g", "daemon off;"],
      limitMiB: config.limitsMiB.edge,
      // The cache, and bodies of requests on their way.
      scratchMiB: 40,
      network: { mode: "host" as const },
      healthcheck: [
        "bash",
        "-c",
        `exec 3<>/dev/tcp/127.0.0.1/80 && printf 'GET ${EDGE_HEALTH_PATH} HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ "$status" = 200 ]`,
      ],
    };
    return new FrontContainer(args, { parent: this, dependsOn: [balancer.container] });
  }
}
