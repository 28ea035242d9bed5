import type { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { MESH } from "../mesh.ts";
import { meshCheckScript, meshScript } from "../render/mesh-script.ts";
import { tincFiles } from "../render/tinc.ts";
import { hashOf } from "../service-declaration.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteScript } from "./remote-script.ts";

/** Connects every host to every other, and starts Docker on it. */
export class Mesh extends pulumi.ComponentResource {
  /** Resources that need the mesh or Docker depend on all of these. */
  readonly joined: local.Command[];

  constructor(hosts: FleetHost[], options: pulumi.ComponentResourceOptions = {}) {
    super("orbweaver:Mesh", MESH, {}, options);
    const members = hosts.map(({ host }) => host);
    const publicKeys = pulumi.all(Object.fromEntries(hosts.map(({ host, publicKey }) => [host.name, publicKey])));
    const started = hosts.map((on) =>
      remoteScript(
        `${on.host.name}-mesh`,
        {
          on,
          script: publicKeys.apply((keys) =>
            meshScript({ name: on.host.name, mesh: MESH, meshIp: on.host.meshIp, files: tincFiles(on.host, members, keys) }),
          ),
        },
        { parent: this },
      ),
    );
    const present = hosts.filter(({ isAbsent }) => !isAbsent).map(({ host }) => host);
    // Any change of a mesh, or restart of a Docker, repeats the check on all hosts.
    const occasion = pulumi.all([...hosts.map(({ bootstrap }) => bootstrap), ...started].map(({ stdin }) => stdin)).apply(hashOf);
    const checked = hosts.map((on) =>
      remoteScript(
        `${on.host.name}-mesh-check`,
        { on, script: occasion.apply((hash) => meshCheckScript(on.host, present, hash)) },
        { parent: this, dependsOn: started },
      ),
    );
    this.joined = [...started, ...checked];
    this.registerOutputs();
  }
}
