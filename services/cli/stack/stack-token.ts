/** `./orb token --stack`: derived from the stack's secret, as the fleet's web UIs have it. */
import { derivePasswords } from "../../../stacks/config/passwords.ts";
import { EXIT } from "../exit-codes.ts";
import { openFleet } from "./fleet-hosts.ts";

export async function printToken(stack: { stack: string; config: string }): Promise<number> {
  const { config } = await openFleet(stack);
  process.stdout.write(`${derivePasswords(config.secret).adminToken}\n`);
  return EXIT.ok;
}
