/** The hosts of the lab's fleet. */
import type { HostKindName } from "./kinds.ts";

export interface LabHost {
  /** In stack config, too. */
  name: string;
  /** The address of its SSH. */
  address: string;
  kind: HostKindName;
}

/** The bare hosts of a fleet. */
export const HOSTS: readonly LabHost[] = [
  { name: "data", address: "198.51.100.11", kind: "debian13" },
  { name: "work1", address: "198.51.100.12", kind: "debian12" },
  { name: "work2", address: "198.51.100.13", kind: "sudoUser" },
];
