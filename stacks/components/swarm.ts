import type { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { swarmInitScript, swarmJoinScript } from "../render/swarm-script.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteScript } from "./remote-script.ts";

export interface SwarmArgs {
  /** The first makes the swarm. */
  managers: FleetHost[];
  workers: FleetHost[];
}

/** All hosts as one Docker Swarm. */
export class Swarm extends pulumi.ComponentResource {
  /** One a host; what needs all hosts in the swarm depends on all of them. */
  readonly joined: local.Command[];

  constructor({ managers, workers }: SwarmArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:Swarm", "swarm", {}, options);
    const [first, ...others] = managers;
    if (!first) throw new Error("A swarm needs a manager");
    const { host } = first;
    const init = remoteScript("swarm-init", { on: first, script: swarmInitScript(host), printsSecret: true }, { parent: this });
    const tokens = init.stdout.apply((line) => JSON.parse(line) as { manager: string; worker: string });
    const join = (joining: FleetHost, kind: "manager" | "worker") =>
      remoteScript(
        `${joining.host.name}-swarm`,
        {
          on: joining,
          script: tokens.apply((token) => swarmJoinScript(joining.host, { token: token[kind], managerMeshIp: host.meshIp })),
        },
        { parent: this },
      );
    this.joined = [init, ...others.map((manager) => join(manager, "manager")), ...workers.map((worker) => join(worker, "worker"))];
    this.registerOutputs();
  }
}
