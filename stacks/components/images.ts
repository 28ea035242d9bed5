import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { FleetConfig } from "../config.ts";
import type { ImageContext } from "../image-context.ts";
import { type ImageBuild, imageScript, pullScript } from "../render/image-script.ts";
import { ROLES } from "../roles.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteScript } from "./remote-script.ts";

/** On the data host. */
const CONTEXT_FOLDER = "/var/lib/orbweaver";
const FOLDER_SECONDS = 30;

export interface ImagesArgs {
  /** The data host. */
  on: FleetHost;
  /** All hosts: each may have to run any role. */
  hosts: FleetHost[];
  /** `<mesh address>:<port>` */
  registry: string;
  context: ImageContext;
  images: FleetConfig["images"];
}

/** All images that worker hosts pull, built or taken over on the data host and pinned by digest. */
export class Images extends pulumi.ComponentResource {
  /** By role, and `haproxy` and `nginx`. */
  readonly references: pulumi.Output<Record<string, string>>;

  constructor({ on, hosts, registry, context, images }: ImagesArgs, options: pulumi.ComponentResourceOptions) {
    super("orbweaver:Images", "images", {}, options);
    const { connection } = on;
    const path = `${CONTEXT_FOLDER}/context-${context.hash.slice(0, 16)}.tgz`;
    const folder = remoteScript(
      "image-folder",
      { connection, script: { timeoutSeconds: FOLDER_SECONDS, after: `install -d -m 700 ${CONTEXT_FOLDER}` } },
      { parent: this },
    );
    const copy = new remote.CopyToRemote(
      "image-context",
      { connection, source: new pulumi.asset.FileAsset(context.path), remotePath: path },
      { parent: this, dependsOn: [folder] },
    );
    const script = imageScript({
      ...{ registry, contextPath: path, contextHash: context.hash },
      mirrored: { haproxy: images.haproxy, nginx: images.nginx },
      builds: buildsOf(images),
    });
    const build = remoteScript("image-build", { connection, script }, { parent: this, dependsOn: [copy] });
    const built = build.stdout.apply((line) => JSON.parse(line) as Record<string, string>);
    const pulled = hosts.map(({ host, connection: hostConnection }) =>
      remoteScript(
        `${host.name}-images`,
        { connection: hostConnection, script: built.apply((references) => pullScript(Object.values(references))) },
        { parent: this },
      ),
    );
    // Known to others once every host has them.
    this.references = pulumi.all([built, pulumi.all(pulled.map(({ id }) => id))]).apply(([references]) => references);
    this.registerOutputs({ references: this.references });
  }
}

/** The base changes seldom, the roles with every version. */
function buildsOf({ debian, base, chromium }: FleetConfig["images"]): ImageBuild[] {
  const baseOf = base === undefined ? { built: "base" } : { image: base };
  const chromiumOf = chromium === undefined ? { built: "chromium" } : { image: chromium };
  return [
    ...(base === undefined ? [{ name: "base", folder: "base", buildArguments: { DEBIAN: { image: debian } } }] : []),
    ...(chromium === undefined ? [{ name: "chromium", folder: "chromium", buildArguments: { BASE: baseOf } }] : []),
    ...ROLES.map((role) => ({
      name: role,
      folder: "role",
      buildArguments: { BASE: role === "renderer" ? chromiumOf : baseOf, ROLE: { text: role } },
    })),
  ];
}
