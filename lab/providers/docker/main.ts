/** The stand-in for the provider plugin `docker`. */
import { serveStandIn } from "../protocol/serve.ts";
import { DockerConnection } from "./connection.ts";
import { containerKind } from "./container.ts";
import { networkKind } from "./network.ts";
import { secretKind } from "./secret.ts";
import { serviceKind } from "./service.ts";

await serveStandIn({
  name: "docker",
  version: "5.2.0",
  configure: ({ host, sshOpts }) => {
    // The SDK sends lists of a provider's settings as JSON.
    const sshOptions = typeof sshOpts === "string" ? (JSON.parse(sshOpts) as string[]) : ((sshOpts ?? []) as string[]);
    const docker = new DockerConnection({ host: String(host), sshOptions });
    return {
      "docker:index/container:Container": containerKind(docker),
      "docker:index/network:Network": networkKind(docker),
      "docker:index/secret:Secret": secretKind(docker),
      "docker:index/service:Service": serviceKind(docker),
    };
  },
});
