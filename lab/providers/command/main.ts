/** The stand-in for the provider plugin `command`. */
import { serveStandIn } from "../protocol/serve.ts";
import { command } from "./kinds.ts";

await serveStandIn({
  name: "command",
  version: "1.2.1",
  configure: () => ({ "command:local:Command": command }),
});
