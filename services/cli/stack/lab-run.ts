/** Commands on the lab's stack run inside the lab's network: `./orb` starts itself there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { type LabFleet, readFleet } from "../../../lab/fleet.ts";
import { NoLabError } from "../errors.ts";

/**
 * Runs a command line of `./orb` on the lab's fleet, with this process's own input and output.
 *
 * @param words the command and what follows it, without `--config`.
 * @returns its exit code.
 * @throws NoLabError if the lab is down.
 */
export async function runInLab(words: string[], fleet?: LabFleet): Promise<number> {
  const { enter, directory, environment } = fleet ?? (await readFleet()) ?? throwNoLab();
  const [program = "", ...all] = [...enter, process.execPath, process.argv[1] ?? "", ...words, "--config", directory];
  // A separate process group: a signal to the group reaches the command once, from here. It cleans up while this process waits.
  const child = spawn(program, all, { stdio: "inherit", detached: true, env: { ...process.env, ...environment } });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, pass);
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[signal ?? "SIGKILL"];
}

function throwNoLab(): never {
  throw new NoLabError();
}
