import * as pulumi from "@pulumi/pulumi";
import type { FleetConfig } from "../config.ts";
import type { ImageContext } from "../image-context.ts";
import { type ImageBuild, imageScript, pullScript } from "../render/image-script.ts";
import { ROLES } from "../roles.ts";
import type { FleetHost } from "./fleet-host.ts";
import { remoteFile, remoteScript } from "./remote-script.ts";

/** On the data host. */
const CONTEXT_FOLDER = "/var/lib/orbweaver";

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
    const path = `${CONTEXT_FOLDER}/context-${context.hash.slice(0, 16)}.tgz`;
    const copy = remoteFile("image-context", { on, source: context.shellPath, path }, { parent: this });
    const script = imageScript({
      ...{ registry, contextPath: path, contextHash: context.hash },
      mirrored: { haproxy: images.haproxy, nginx: images.nginx },
      builds: buildsOf(images),
    });
    const build = remoteScript("image-build", { on, script }, { parent: this, dependsOn: [copy] });
    const built = build.stdout.apply((line) => JSON.parse(line) as Record<string, string>);
    const pulled = hosts.map((host) =>
      remoteScript(
        `${host.host.name}-images`,
        { on: host, script: built.apply((references) => pullScript(Object.values(references))) },
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
