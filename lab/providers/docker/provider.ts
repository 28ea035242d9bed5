import { serveProvider } from "../serve.ts";
import { container, network, secret } from "./containers.ts";
import { service } from "./services.ts";

await serveProvider("5.2.0", {
  "docker:index/container:Container": container,
  "docker:index/network:Network": network,
  "docker:index/secret:Secret": secret,
  "docker:index/service:Service": service,
});
