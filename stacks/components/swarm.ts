import type { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import {
  SWARM_LEAVE,
  swarmJoinScript,
  swarmLeadScript,
  swarmRolesScript,
  swarmTokensScript,
  swarmWorkerScript,
} from "../render/swarm-script.ts";
import type { FleetHost } from "./fleet-host.ts";
import { declaredRun, remoteScript } from "./remote-script.ts";

const joinName = ({ host }: FleetHost) => `${host.name}-swarm`;

export interface SwarmArgs {
  /** Creates the swarm, or leads it already. */
  lead: FleetHost;
  /** With the lead, if it stays a manager. */
  managers: FleetHost[];
  workers: FleetHost[];
}

/** All hosts as one Docker Swarm. */
export class Swarm extends pulumi.ComponentResource {
  /** Resources that need all hosts in the swarm depend on all of these. */
  readonly joined: local.Command[];
  /** IDs of all nodes. */
  readonly nodes: pulumi.Output<string[]>;

  constructor({ lead, managers, workers }: SwarmArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:Swarm", "swarm", {}, options);
    const identified = (hosts: FleetHost[]) => hosts.map(({ host: { meshIp }, identity }) => ({ meshIp, identity }));
    const all = [...managers, ...workers];
    const joins = all.map((on) => `${on.host.name} ${declaredRun(on, joinName(on))}`);
    const script = swarmLeadScript(lead.host, identified(all), joins);
    const made = remoteScript("swarm-lead", { on: lead, script, printsSecret: true }, { parent: this });
    const access = made.stdout.apply((line) => JSON.parse(line) as { manager: string; worker: string; root: string });
    const join = (joining: FleetHost, kind: "manager" | "worker") =>
      remoteScript(
        joinName(joining),
        {
          on: joining,
          script: access.apply(({ [kind]: token, root }) => swarmJoinScript(joining.host, { token, root, leadMeshIp: lead.host.meshIp })),
          onDelete: SWARM_LEAVE,
        },
        { parent: this },
      );
    const others = [...managers.map((host) => join(host, "manager")), ...workers.map((host) => join(host, "worker"))];
    const roles = remoteScript(
      "swarm-roles",
      { on: lead, script: swarmRolesScript({ managers: identified(managers), workers: identified(workers) }) },
      { parent: this, dependsOn: others },
    );
    const silent = roles.stdout.apply((line) => JSON.parse(line) as string[]);
    const checked = workers.map((on) =>
      remoteScript(
        `${on.host.name}-swarm-worker`,
        { on, script: silent.apply((addresses) => swarmWorkerScript(addresses.includes(on.host.meshIp))) },
        { parent: this },
      ),
    );
    remoteScript("swarm-tokens", { on: lead, script: made.stdout.apply(swarmTokensScript) }, { parent: this, dependsOn: [roles] });
    this.joined = [made, ...others, roles, ...checked];
    this.nodes = pulumi.all(others.map(({ stdout }) => stdout)).apply((ids) => ids.map((id) => id.trim()));
    this.registerOutputs();
  }
}
