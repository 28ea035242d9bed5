import { homedir } from "node:os";
import { join } from "node:path";
import { LabMachineError } from "./errors.ts";

/** The stack of the lab's fleet. */
export const LAB_STACK = "lab";

/** The folders of a lab. One machine has one lab of a name. */
export interface LabPaths {
  /** Prefix of everything that it creates on this machine: containers, networks, the network namespace. */
  name: string;
  /** May be removed at any time while the lab is down; it makes the next `up` fast. */
  cache: string;
  /** Keys and the state of the running lab; removed when it is down. */
  state: string;
}

/**
 * The folders by the XDG base directories (freedesktop.org, Base Directory Specification). Labs with different names in `ORBWEAVER_LAB`
 * (letters a-z and digits, default `lab`) run side by side.
 */
export function labPaths(environment: Record<string, string | undefined> = process.env): LabPaths {
  const { XDG_CACHE_HOME, XDG_STATE_HOME, ORBWEAVER_LAB: name = "lab" } = environment;
  if (!/^[a-z][a-z0-9]{0,15}$/.test(name))
    throw new LabMachineError(`ORBWEAVER_LAB is ${JSON.stringify(name)}: write up to 16 letters a-z and digits.`);
  return {
    name: `orbweaver-${name}`,
    cache: join(XDG_CACHE_HOME || join(homedir(), ".cache"), "orbweaver"),
    state: join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "orbweaver", name),
  };
}
