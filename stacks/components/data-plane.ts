import type { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Passwords } from "../config/passwords.ts";
import type { FleetConfig } from "../config.ts";
import { dataFolder, dataScript, settingsFolder } from "../render/data-script.ts";
import { REGISTRY_PORT } from "../render/host-settings.ts";
import { renderRedisAcl, renderRedisConf } from "../render/redis.ts";
import { DataContainer, type DataContainerArgs } from "./data-container.ts";
import type { FleetHost } from "./fleet-host.ts";
import { hostLabels, remoteScript } from "./remote-script.ts";

const POSTGRES_PORT = 5_432;
const REDIS_PORT = 6_379;
const REGISTRY_INTERNAL_PORT = 5_000;
/** The size of an Ethernet frame without VXLAN and the mesh's encryption. */
const OVERLAY_MTU = "1350";

/** Overlay networks by their users; a role is only in those that it needs. */
export interface FleetNetworks {
  /** Postgres. */
  store: docker.Network;
  /** Redis. */
  queue: docker.Network;
  /** HTTP between roles through the balancer; the only network with access to the internet. */
  web: docker.Network;
}

export interface DataPlaneArgs {
  on: FleetHost;
  config: FleetConfig;
  passwords: Passwords;
}

/** Networks, Postgres, Redis and the registry. */
export class DataPlane extends pulumi.ComponentResource {
  readonly networks: FleetNetworks;
  readonly postgres: DataContainer;
  readonly redis: DataContainer;
  readonly registry: DataContainer;

  constructor({ on, config, passwords }: DataPlaneArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:DataPlane", "data", {}, { ...options, providers: { docker: on.docker } });
    this.networks = { store: this.#overlay("store", true), queue: this.#overlay("queue", true), web: this.#overlay("web", false) };
    const bridge = new docker.Network(
      "data-bridge",
      { name: "orbweaver-data", driver: "bridge", labels: hostLabels(on) },
      { parent: this },
    );
    const redisAcl = renderRedisAcl(passwords.queue);
    const settings = settingsFolder("redis").container;
    const redisConf = renderRedisConf({
      limitMiB: config.limitsMiB.redis,
      aclFile: `${settings}/users.acl`,
      directory: dataFolder("redis").container,
    });
    const script = dataScript({ images: config.images, imagesOf: config.imagesOf, redisConf, redisAcl });
    const prepared = remoteScript("data-settings", { on, script }, { parent: this });
    const common = (service: "postgres" | "redis" | "registry", port: number, internal = port) => ({
      on,
      service,
      image: imageOf(prepared, service),
      limitMiB: config.limitsMiB[service],
      publish: { meshIp: on.host.meshIp, port, internal },
    });
    const start = (args: DataContainerArgs) => new DataContainer(args, { parent: this, dependsOn: [prepared] });
    this.postgres = start({
      ...common("postgres", POSTGRES_PORT),
      user: "postgres",
      command: [`${settingsFolder("postgres").container}/start`],
      networks: { bridge: bridge.name, overlays: [this.networks.store.name] },
      settingsHash: JSON.stringify(script.files?.filter(({ path }) => path.includes("postgres"))),
      healthcheck: ["bash", "-c", "PATH=$PATH:$(echo /usr/lib/postgresql/*/bin) pg_isready -q -h /tmp"],
    });
    this.redis = start({
      ...common("redis", REDIS_PORT),
      user: "redis",
      command: ["redis-server", `${settings}/redis.conf`],
      networks: { bridge: bridge.name, overlays: [this.networks.queue.name] },
      settingsHash: `${redisConf}${redisAcl}`,
      healthcheck: [
        "bash",
        "-c",
        "exec 3<>/dev/tcp/127.0.0.1/6379 && printf 'PING\\r\\n' >&3 && read -r -t 2 answer <&3 && [[ $answer == *NOAUTH* ]]",
      ],
    });
    this.registry = start({
      ...common("registry", REGISTRY_PORT, REGISTRY_INTERNAL_PORT),
      user: "nobody",
      command: ["registry", "serve", "/etc/docker/registry/config.yml"],
      environment: [`REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=${dataFolder("registry").container}`, "OTEL_TRACES_EXPORTER=none"],
      networks: { bridge: bridge.name, overlays: [] },
      settingsHash: "",
      healthcheck: ["sh", "-c", "wget -q -O /dev/null http://127.0.0.1:5000/v2/ || bash -c 'exec 3<>/dev/tcp/127.0.0.1/5000'"],
    });
    this.registerOutputs();
  }

  #overlay(name: string, internal: boolean): docker.Network {
    return new docker.Network(
      name,
      {
        name: `orbweaver-${name}`,
        driver: "overlay",
        attachable: true,
        internal,
        options: { "com.docker.network.driver.mtu": OVERLAY_MTU },
      },
      // The engine adds a number to the options. If it counted as a change, it would replace the network and everything in it.
      { parent: this, ignoreChanges: ["options"] },
    );
  }
}

const imageOf = (prepared: local.Command, service: string) =>
  prepared.stdout.apply((line) => (JSON.parse(line) as Record<string, string>)[service] ?? "");
