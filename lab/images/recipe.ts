import type { Suite } from "./packages.ts";

/** How an image of the lab is made. */
export interface Recipe {
  /** Another recipe, which comes first; Debian's minimum if there is none. */
  from?: string;
  /** Debian's release; `bookworm` if there is none. */
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
