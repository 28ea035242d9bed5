/** `./orb token --stack`: the token, derived from the stack's secret as in the fleet's web UIs. */
import { derivePasswords } from "../../../stacks/config/passwords.ts";
import { EXIT } from "../exit-codes.ts";
import { print } from "../terminal.ts";
import { openFleet } from "./fleet-hosts.ts";

export async function printToken(stack: { stack: string; config: string }): Promise<number> {
  const { config } = await openFleet(stack);
  print(`${derivePasswords(config.secret).adminToken}\n`);
  return EXIT.ok;
}
