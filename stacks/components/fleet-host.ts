import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../config/schema.ts";
import { type BootstrapSettings, bootstrapScript } from "../render/bootstrap.ts";
import { type Connection, remoteScript } from "./remote-script.ts";

export interface FleetHostArgs {
  host: Host;
  connection: Connection;
  bootstrap: BootstrapSettings;
  /** Of the operator's `ssh`, for Docker's connection. */
  sshOptions: string[];
}

/** A bare host made one of the fleet, up to the mesh: packages, firewall, its key. */
export class FleetHost extends pulumi.ComponentResource {
  readonly host: Host;
  readonly connection: Connection;
  /** Of its mesh key pair. */
  readonly publicKey: pulumi.Output<string>;
  /** Its Docker, once the mesh is up. */
  readonly docker: docker.Provider;

  constructor({ host, connection, bootstrap, sshOptions }: FleetHostArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("orbweaver:FleetHost", host.name, {}, options);
    this.host = host;
    this.connection = connection;
    const script = remoteScript(`${host.name}-bootstrap`, { connection, script: bootstrapScript(bootstrap) }, { parent: this });
    this.publicKey = script.stdout.apply((line) => (JSON.parse(line) as { publicKey: string }).publicKey);
    this.docker = new docker.Provider(
      `${host.name}-docker`,
      // Not asked before somebody uses it: on a bare host no Docker answers yet.
      { host: `ssh://${connection.user}@${host.address}:${connection.port}`, sshOpts: sshOptions, disableDockerDaemonCheck: true },
      { parent: this },
    );
    this.registerOutputs({ publicKey: this.publicKey });
  }
}
