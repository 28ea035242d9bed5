import * as pulumi from "@pulumi/pulumi";
import type { FleetConfig } from "../config.ts";
import type { ImageContexts } from "../image-context.ts";
import { dataFolder } from "../render/data-script.ts";
import { buildScript, type ImageStage, type ImageStep, pushScript, stageReference } from "../render/image-script.ts";
import { collectScript, pullScript } from "../render/image-versions.ts";
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
  /** What hosts pull from. */
  registryContainer: pulumi.Resource;
  images: FleetConfig["images"];
  /** Another day builds all images again. */
  imagesOf: FleetConfig["imagesOf"];
}

type Stage = keyof ImageContexts;
type References = Record<string, string>;

interface Pushed {
  script: pulumi.Resource;
  references: pulumi.Output<References>;
}

/**
 * All images that worker hosts pull: built or copied on the data host and pinned by digest. The bases are built while the swarm and the registry
 * start. While the images of one stage are pushed and pulled, those of the next are built.
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
    const settings = (stage: Stage) => ({
      registry,
      context: { path: contextPath(stage, contexts), hash: contexts[stage].hash },
      imagesOf,
    });
    const bases: ImageStage = { ...settings("bases"), waves: [basesOf(images)] };
    const chromium: ImageStage = { ...settings("chromium"), waves: [[chromiumOn(bases, images)]] };
    const roles: ImageStage = { ...settings("roles"), waves: rolesOn({ base: bases, chromium }) };
    const copy = (stage: Stage) => this.#copy(on, stage, contexts);
    // Builds follow each other, and so do pushes: a second push at the same time would send shared layers again.
    const builtBases = this.#build(on, "bases", bases, [copy("bases")]);
    const builtChromium = this.#build(on, "chromium", chromium, [copy("chromium"), builtBases]);
    const builtRoles = this.#build(on, "roles", roles, [copy("roles"), builtChromium]);
    const pushedBases = this.#push(on, "bases", bases, [builtBases, registryContainer]);
    const pushedChromium = this.#push(on, "chromium", chromium, [builtChromium, pushedBases.script]);
    const pushedRoles = this.#push(on, "roles", roles, [builtRoles, pushedChromium.script]);
    const pulledBases = this.#pull(hosts, "bases", pushedBases, []);
    const pulledChromium = this.#pull(hosts, "chromium", pushedChromium, pulledBases);
    const pulledRoles = this.#pull(hosts, "roles", pushedRoles, pulledChromium);
    remoteScript(
      "image-collection",
      {
        on,
        script: collectScript([bases, chromium, roles], { container: "orbweaver-registry", root: dataFolder("registry").container }),
      },
      { parent: this, dependsOn: pulledRoles },
    );
    const placed = remoteScript(
      "image-nodes",
      { on, script: nodes.apply(nodesWithImagesScript) },
      { parent: this, dependsOn: pulledRoles },
    );
    this.ofFronts = oncePulled(pushedBases.references, pulledBases);
    this.ofRoles = oncePulled(pushedRoles.references, [...pulledRoles, placed]);
    this.registerOutputs();
  }

  #copy(on: FleetHost, stage: Stage, contexts: ImageContexts): pulumi.Resource {
    const args = { on, source: contexts[stage].shellPath, path: contextPath(stage, contexts) };
    return remoteFile(`${stage}-context`, args, { parent: this });
  }

  #build(on: FleetHost, stage: Stage, settings: ImageStage, dependsOn: pulumi.Resource[]): pulumi.Resource {
    return remoteScript(`${stage}-build`, { on, script: buildScript(settings) }, { parent: this, dependsOn });
  }

  #push(on: FleetHost, stage: Stage, settings: ImageStage, dependsOn: pulumi.Resource[]): Pushed {
    const script = remoteScript(`${stage}-push`, { on, script: pushScript(settings) }, { parent: this, dependsOn });
    return { script, references: script.stdout.apply((line) => JSON.parse(line) as References) };
  }

  #pull(hosts: FleetHost[], stage: Stage, { script, references }: Pushed, dependsOn: pulumi.Resource[]): pulumi.CustomResource[] {
    const text = references.apply((all) => pullScript(stage, Object.values(all)));
    return hosts.map((on) =>
      remoteScript(`${on.host.name}-${stage}`, { on, script: text }, { parent: this, dependsOn: [script, ...dependsOn] }),
    );
  }
}

const oncePulled = (references: pulumi.Output<References>, pulls: pulumi.CustomResource[]): pulumi.Output<References> =>
  pulumi.all([references, pulumi.all(pulls.map(({ id }) => id))]).apply(([known]) => known);

const contextPath = (stage: Stage, contexts: ImageContexts) =>
  `${CONTEXT_FOLDER}/${stage}-context-${contexts[stage].hash.slice(0, 16)}.tgz`;

/** The base is built while images of other projects are copied. */
function basesOf({ debian, base, haproxy, nginx }: FleetConfig["images"]): ImageStep[] {
  const built: ImageStep["from"] = { folder: "base", buildArguments: { DEBIAN: { image: debian } } };
  return [
    { name: "base", from: base === undefined ? built : { image: base } },
    { name: "haproxy", from: { image: haproxy } },
    { name: "nginx", from: { image: nginx } },
  ];
}

/** A stage of its own: it has half of a worker's bytes. */
function chromiumOn(bases: ImageStage, { chromium }: FleetConfig["images"]): ImageStep {
  const built: ImageStep["from"] = { folder: "chromium", buildArguments: { BASE: { built: stageReference(bases, "base") } } };
  return { name: "chromium", from: chromium === undefined ? built : { image: chromium } };
}

/**
 * One role on each base first. Roles that start at the same time would each build the layers that they share. Docker's builder then uses some of
 * either build the next time, and an unchanged role gets another image.
 */
function rolesOn(stages: Record<"base" | "chromium", ImageStage>): ImageStep[][] {
  const step = (role: Role): ImageStep => {
    const base = role === "renderer" ? "chromium" : "base";
    const built = stageReference(stages[base], base);
    return { name: role, from: { folder: "role", buildArguments: { BASE: { built }, ROLE: { text: role } } } };
  };
  const isFirst = (role: Role) => role === "renderer" || role === "fetcher";
  return [ROLES.filter(isFirst).map(step), ROLES.filter((role) => !isFirst(role)).map(step)];
}
