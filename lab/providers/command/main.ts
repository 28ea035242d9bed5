/** The stand-in for the provider plugin `command`. */
import { serveStandIn } from "../protocol/serve.ts";
import { command, copyToRemote } from "./kinds.ts";

await serveStandIn({
  name: "command",
  version: "1.2.1",
  configure: () => ({ "command:remote:Command": command, "command:remote:CopyToRemote": copyToRemote }),
});
