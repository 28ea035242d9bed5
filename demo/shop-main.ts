/** The shop as a process, to try the examples: `node demo/shop-main.ts [--port P]` prints its origin and serves until SIGTERM or SIGINT. */
import { once } from "node:events";
import { parseArgs } from "node:util";
import { startShop } from "./shop.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "8080" } } });

await using shop = await startShop({ port: Number(values.port) });
process.stdout.write(`${shop.origin}\n`);
await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
