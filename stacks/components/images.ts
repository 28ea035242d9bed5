import * as pulumi from "@pulumi/pulumi";
import type { FleetConfig } from "../config.ts";
import type { ImageContexts } from "../image-context.ts";
import { dataFolder } from "../render/data-script.ts";
import { collectScript, type ImageStage, type ImageStep, imageScript, pullScript, stageReference } from "../render/image-script.ts";
import { nodesWithImagesScript } from "../render/swarm-script.ts";
import { ROLES, type Role } from "../roles.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteFile, remoteScript } from "./remote-script.ts";

/** On the data host. */
const CONTEXT_FOLDER = "/var/lib/orbweaver";

export interface ImagesArgs {
  /** The data host. */
  on: FleetHost;
  /** All hosts: each may run any role. */
  hosts: FleetHost[];
  /** IDs of the swarm's nodes. */
  nodes: pulumi.Output<string[]>;
  /** `<mesh address>:<port>` */
  registry: string;
  contexts: ImageContexts;
  /** What hosts pull from; the builds wait for it themselves. */
  registryContainer: pulumi.Resource;
  images: FleetConfig["images"];
  /** Another day builds all images again. */
  imagesOf: FleetConfig["imagesOf"];
}

type Stage = keyof ImageContexts;
type References = Record<string, string>;

/**
 * All images that worker hosts pull: built or copied on the data host and pinned by digest. The bases are built while the swarm and the registry
 * start. Hosts pull the bases, which have most of the bytes, while the roles are built on them.
 */
export class Images extends pulumi.ComponentResource {
  /** `haproxy` and `nginx`, once every host has them. */
  readonly ofFronts: pulumi.Output<References>;
  /** By role, once every host has them and Swarm may start replicas there. */
  readonly ofRoles: pulumi.Output<References>;

  constructor(
    { on, hosts, nodes, registry, registryContainer, contexts, images, imagesOf }: ImagesArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super("orbweaver:Images", "images", {}, options);
    const context = (stage: Stage) => ({ path: contextPath(stage, contexts), hash: contexts[stage].hash });
    const bases: ImageStage = { registry, context: context("bases"), imagesOf, waves: [basesOf(images)] };
    const roles: ImageStage = { registry, context: context("roles"), waves: rolesOn(bases) };
    const copies = { bases: this.#copy(on, "bases", contexts), roles: this.#copy(on, "roles", contexts) };
    const builtBases = this.#build(on, "bases", bases, [copies.bases]);
    const pulledBases = this.#pull(hosts, "bases", builtBases, [registryContainer]);
    const builtRoles = this.#build(on, "roles", roles, [copies.roles, ...builtBases.dependency]);
    const pulledRoles = this.#pull(hosts, "roles", builtRoles, pulledBases);
    remoteScript(
      "image-collection",
      {
        on,
        script: collectScript([bases, roles], { container: "orbweaver-registry", root: dataFolder("registry").container }),
      },
      { parent: this, dependsOn: pulledRoles },
    );
    const placed = remoteScript(
      "image-nodes",
      { on, script: nodes.apply(nodesWithImagesScript) },
      { parent: this, dependsOn: pulledRoles },
    );
    this.ofFronts = oncePulled(builtBases.references, pulledBases);
    this.ofRoles = oncePulled(builtRoles.references, [...pulledRoles, placed]);
    this.registerOutputs();
  }

  #copy(on: FleetHost, stage: Stage, contexts: ImageContexts): pulumi.Resource {
    const args = { on, source: contexts[stage].shellPath, path: contextPath(stage, contexts) };
    return remoteFile(`${stage}-context`, args, { parent: this });
  }

  #build(on: FleetHost, stage: Stage, settings: ImageStage, dependsOn: pulumi.Resource[]) {
    const build = remoteScript(`${stage}-build`, { on, script: imageScript(settings) }, { parent: this, dependsOn });
    return { dependency: [build], references: build.stdout.apply((line) => JSON.parse(line) as References) };
  }

  #pull(hosts: FleetHost[], stage: Stage, { references }: { references: pulumi.Output<References> }, dependsOn: pulumi.Resource[]) {
    const script = references.apply((all) => pullScript(stage, Object.values(all)));
    return hosts.map((on) => remoteScript(`${on.host.name}-${stage}`, { on, script }, { parent: this, dependsOn }));
  }
}

const oncePulled = (references: pulumi.Output<References>, pulls: pulumi.CustomResource[]): pulumi.Output<References> =>
  pulumi.all([references, pulumi.all(pulls.map(({ id }) => id))]).apply(([known]) => known);

const contextPath = (stage: Stage, contexts: ImageContexts) =>
  `${CONTEXT_FOLDER}/${stage}-context-${contexts[stage].hash.slice(0, 16)}.tgz`;

/** Chromium is built on the base; images of other projects are copied at the same time. */
function basesOf({ debian, base, chromium, haproxy, nginx }: FleetConfig["images"]): ImageStep[][] {
  const buildBase: ImageStep["from"] = { folder: "base", buildArguments: { DEBIAN: { image: debian } } };
  const buildChromium: ImageStep["from"] = { folder: "chromium", buildArguments: { BASE: { made: "base" } } };
  return [
    [
      { name: "base", from: base === undefined ? buildBase : { image: base } },
      { name: "chromium", from: chromium === undefined ? buildChromium : { image: chromium } },
    ],
    [{ name: "haproxy", from: { image: haproxy } }],
    [{ name: "nginx", from: { image: nginx } }],
  ];
}

/**
 * One role on each base first. Roles that start at the same time would each build the layers that they share. Docker's builder then uses some of
 * either build the next time, and an unchanged role gets another image.
 */
function rolesOn(bases: ImageStage): ImageStep[][][] {
  const chain = (role: Role): ImageStep[] => {
    const base = stageReference(bases, role === "renderer" ? "chromium" : "base");
    return [{ name: role, from: { folder: "role", buildArguments: { BASE: { image: base }, ROLE: { text: role } } } }];
  };
  const isFirst = (role: Role) => role === "renderer" || role === "fetcher";
  return [ROLES.filter(isFirst).map(chain), ROLES.filter((role) => !isFirst(role)).map(chain)];
}
