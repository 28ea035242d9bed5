/** The synthetic site as a process: `node demo/site-main.ts [--pages N] [--host H] [--port P]` prints its origin and serves until SIGTERM or SIGINT. */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { startSite } from "./site.ts";

const { values } = parseArgs({
  options: {
    pages: { type: "string", default: "1000" },
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
  },
});

await using site = await startSite({ pages: Number(values.pages), port: Number(values.port), host: values.host });
process.stdout.write(`${site.origin}\n`);
await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
