import { homedir } from "node:os";
import { join } from "node:path";

/** The stack of the lab's fleet. */
export const LAB_STACK = "lab";

/** Where a lab keeps its things. One machine has one lab of a name. */
export interface LabPlaces {
  /** Prefix of everything that it makes on this machine: containers, networks, the network namespace. */
  name: string;
  /** May be removed at any time while the lab is down; makes the next `up` quick. */
  cache: string;
  /** Keys and what the running lab is; gone when it is down. */
  state: string;
}

/** The places by the XDG base directories (freedesktop.org, Base Directory Specification). */
export function labPlaces(environment: Record<string, string | undefined> = process.env): LabPlaces {
  const { XDG_CACHE_HOME, XDG_STATE_HOME } = environment;
  return {
    name: "orbweaver-lab",
    cache: join(XDG_CACHE_HOME || join(homedir(), ".cache"), "orbweaver"),
    state: join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "orbweaver", "lab"),
  };
}
