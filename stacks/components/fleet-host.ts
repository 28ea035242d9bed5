import type { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../config/schema.ts";
import { urlHost } from "../edge-url.ts";
import type { HostRecords } from "../host-records.ts";
import { type BootstrapSettings, bootstrapScript } from "../render/bootstrap.ts";
import { sshOptions } from "../ssh.ts";
import { onHost, remoteScript, type ScriptHost } from "./remote-script.ts";

export interface FleetHostArgs extends ScriptHost {
  host: Host;
  bootstrap: BootstrapSettings;
}

/** A bare host that becomes part of the fleet, up to the mesh: packages, firewall, its key. */
export class FleetHost extends pulumi.ComponentResource implements ScriptHost {
  readonly host: Host;
  readonly hostKey: string;
  readonly identity: string;
  readonly isAbsent: boolean;
  readonly records: HostRecords;
  readonly bootstrap: local.Command;
  /** Of its mesh key pair. */
  readonly publicKey: pulumi.Output<string>;
  /** Its Docker, once the mesh is up. */
  readonly docker: docker.Provider;

  constructor({ host, hostKey, identity, isAbsent, records, bootstrap }: FleetHostArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("orbweaver:FleetHost", host.name, {}, options);
    this.host = host;
    this.hostKey = hostKey;
    this.identity = identity;
    this.isAbsent = isAbsent;
    this.records = records;
    this.bootstrap = remoteScript(`${host.name}-bootstrap`, { on: this, script: bootstrapScript(bootstrap) }, { parent: this });
    this.publicKey = this.bootstrap.stdout.apply((line) => (JSON.parse(line) as { publicKey: string }).publicKey);
    this.docker = new docker.Provider(
      `${host.name}-docker`,
      {
        host: `ssh://${host.ssh.user}@${urlHost(host.address)}:${host.ssh.port}`,
        sshOpts: sshOptions(host, hostKey),
        // Not queried before it is used: on a bare host no Docker answers yet.
        disableDockerDaemonCheck: true,
      },
      onHost(this, { parent: this }),
    );
    this.registerOutputs({ publicKey: this.publicKey });
  }
}
