import * as pulumi from "@pulumi/pulumi";
import type { FleetConfig } from "../config.ts";
import type { ImageContexts } from "../image-context.ts";
import { dataFolder } from "../render/data-script.ts";
import { buildScript, type ImageStage, type ImageStageName, type ImageStep, pushScript, stageReference } from "../render/image-script.ts";
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

type References = Record<string, string>;

/** What the same step of the next stage waits for. */
interface Earlier {
  built: pulumi.Resource[];
  pushed: pulumi.Resource[];
  pulled: pulumi.CustomResource[];
}

interface Made extends Earlier {
  references: pulumi.Output<References>;
}

interface MakeArgs extends Pick<ImagesArgs, "on" | "hosts"> {
  stage: ImageStageName;
  settings: ImageStage;
  /** Of the stage's context on the operator's machine. */
  shellPath: string;
  earlier: Earlier;
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
    const common = (stage: ImageStageName) => ({
      registry,
      context: { path: contextPath(stage, contexts), hash: contexts[stage].hash },
      imagesOf,
    });
    const bases: ImageStage = { ...common("bases"), waves: [basesOf(images)] };
    const chromium: ImageStage = { ...common("chromium"), waves: [[chromiumOn(bases, images)]] };
    const roles: ImageStage = { ...common("roles"), waves: rolesOn({ base: bases, chromium }) };
    const make = (stage: ImageStageName, settings: ImageStage, earlier: Earlier) =>
      this.#make({ on, hosts, stage, settings, shellPath: contexts[stage].shellPath, earlier });
    const madeBases = make("bases", bases, { built: [], pushed: [registryContainer], pulled: [] });
    const madeChromium = make("chromium", chromium, madeBases);
    const madeRoles = make("roles", roles, madeChromium);
    remoteScript(
      "image-collection",
      {
        on,
        script: collectScript([bases, chromium, roles], { container: "orbweaver-registry", root: dataFolder("registry").container }),
      },
      { parent: this, dependsOn: madeRoles.pulled },
    );
    const placed = remoteScript(
      "image-nodes",
      { on, script: nodes.apply(nodesWithImagesScript) },
      { parent: this, dependsOn: madeRoles.pulled },
    );
    this.ofFronts = oncePulled(madeBases.references, madeBases.pulled);
    this.ofRoles = oncePulled(madeRoles.references, [...madeRoles.pulled, placed]);
    this.registerOutputs();
  }

  /** Builds follow each other, and so do pushes: a second push at the same time would send shared layers again. */
  #make({ on, hosts, stage, settings, shellPath, earlier }: MakeArgs): Made {
    const copied = remoteFile(`${stage}-context`, { on, source: shellPath, path: settings.context.path }, { parent: this });
    const script = buildScript(settings);
    const built = remoteScript(`${stage}-build`, { on, script }, { parent: this, dependsOn: [copied, ...earlier.built] });
    const pushed = remoteScript(
      `${stage}-push`,
      { on, script: pushScript(settings) },
      { parent: this, dependsOn: [built, ...earlier.pushed] },
    );
    const references = pushed.stdout.apply((line) => JSON.parse(line) as References);
    const pull = references.apply((all) => pullScript(stage, Object.values(all)));
    const pulled = hosts.map((host) =>
      remoteScript(`${host.host.name}-${stage}`, { on: host, script: pull }, { parent: this, dependsOn: [pushed, ...earlier.pulled] }),
    );
    return { built: [built], pushed: [pushed], pulled, references };
  }
}

const oncePulled = (references: pulumi.Output<References>, pulls: pulumi.CustomResource[]): pulumi.Output<References> =>
  pulumi.all([references, pulumi.all(pulls.map(({ id }) => id))]).apply(([known]) => known);

const contextPath = (stage: ImageStageName, contexts: ImageContexts) =>
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
