import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { TlsConfig } from "../config/tls.ts";
import type { FleetConfig } from "../config.ts";
import { FRONT_RANGE, meshRange } from "../ranges.ts";
import { balancerInSwarm, edgeSourcesOf, renderBalancer } from "../render/balancer.ts";
import { EDGE_HEALTH_PATH, edgeCommand, renderEdge } from "../render/edge.ts";
import { certificateScript, removeCertificate } from "../render/edge-certificate.ts";
import { BALANCER, EDGE, FRONT_RUN_DIRECTORY, TLS_FOLDER } from "../render/front-script.ts";
import { HTTP_GROUPS, NOBODY, PORTS, STATUS_PORT } from "../roles.ts";
import type { FleetNetworks } from "./data-plane.ts";
import type { FleetHost } from "./fleet-host.ts";
import { FrontContainer } from "./front-container.ts";
import { hostLabels, onHost, remoteScript } from "./remote-script.ts";

export interface IngressArgs {
  /** The worker hosts. */
  on: FleetHost[];
  config: FleetConfig;
  /** Encrypts the private keys of certificates. */
  passphrase: string;
  networks: FleetNetworks;
  images: pulumi.Output<Record<string, string>>;
}

/** A balancer on every worker host, an edge on the public ones. */
export class Ingress extends pulumi.ComponentResource {
  readonly containers: FrontContainer[];

  constructor(args: IngressArgs, options: pulumi.ComponentResourceOptions) {
    // Deployments before the rename have it by this name.
    super("orbweaver:Ingress", "ingress", {}, { ...options, aliases: [{ type: "orbweaver:Fronts", name: "fronts" }] });
    this.containers = args.on.flatMap((on) => {
      const balancer = this.#balancer(on, args);
      return on.host.isEdge ? [balancer, this.#edge(on, args, balancer)] : [balancer];
    });
    this.registerOutputs();
  }

  #balancer(on: FleetHost, { config, networks, images }: IngressArgs): FrontContainer {
    const bridge = new docker.Network(
      `${on.host.name}-front-bridge`,
      { name: "orbweaver-front", driver: "bridge", ipamConfigs: [{ subnet: FRONT_RANGE }], labels: hostLabels(on) },
      onHost(on, { parent: this, provider: on.docker }),
    );
    const settings = renderBalancer(
      balancerInSwarm({ statusSources: [meshRange(on.host.meshIp), FRONT_RANGE], edgeSources: edgeSourcesOf(on.host, config.hosts) }),
    );
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

  #edge(on: FleetHost, { config, images, passphrase, on: all }: IngressArgs, balancer: FrontContainer): FrontContainer {
    const others = all.filter(({ host }) => host.name !== on.host.name).map(({ host }) => `${host.meshIp}:${PORTS.webui}`);
    const balancers: [string, ...string[]] = [`${on.host.meshIp}:${PORTS.webui}`, ...others];
    const certificate = config.tls === undefined ? [] : [this.#certificate(on, config.tls, { balancers, passphrase })];
    const settings = renderEdge({
      balancers,
      ...(config.tls === undefined ? {} : { tls: { domain: config.tls.domain, folder: TLS_FOLDER } }),
      ports: { http: 80, https: 443 },
      cacheDirectory: `${FRONT_RUN_DIRECTORY}/pages`,
      runDirectory: FRONT_RUN_DIRECTORY,
    });
    const args = {
      ...{ on, settings, front: EDGE },
      image: images.apply((reference) => reference.nginx ?? ""),
      // It writes only to memory.
      user: NOBODY,
      command: edgeCommand(EDGE.file, FRONT_RUN_DIRECTORY),
      limitMiB: config.limitsMiB.edge,
      // The cache, and bodies of running requests.
      scratchMiB: 40,
      network: { mode: "host" as const },
      healthcheck: [
        "bash",
        "-c",
        `exec 3<>/dev/tcp/127.0.0.1/80 && printf 'GET ${EDGE_HEALTH_PATH} HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ "$status" = 200 ]`,
      ],
    };
    return new FrontContainer(args, { parent: this, dependsOn: [balancer.container, ...certificate] });
  }

  /** Before the edge's settings: nginx refuses them without the certificate's files. */
  #certificate(on: FleetHost, tls: TlsConfig, { balancers, passphrase }: { balancers: string[]; passphrase: string }) {
    const script = pulumi.secret(certificateScript({ tls, balancers, passphrase }));
    return remoteScript(`${on.host.name}-certificate`, { on, script, onDelete: removeCertificate() }, { parent: this });
  }
}
