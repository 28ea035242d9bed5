import type { Suite } from "./packages.ts";

/** How an image of the lab is made. */
export interface Recipe {
  /** The recipe that this one builds on; default: Debian's minimum. */
  from?: string;
  /** Debian's release; default: `bookworm`. */
  suite?: Suite;
  packages: readonly string[];
  /** Shell, after the packages are there. `/files` has what `files` names. */
  setup?: string;
  /** Instructions of a Dockerfile for `docker commit --change`. */
  changes?: readonly string[];
  /** What ends a container of it; SIGTERM by default. */
  stopSignal?: `SIG${string}`;
  /** Where to find `/files`: the role images' packages from npm. */
  files?: "node-modules";
}
