import type { Suite } from "./packages.ts";

/** The recipe of an image of the lab. */
export interface Recipe {
  /** The recipe that this one builds on; default: Debian's minimum. */
  from?: string;
  /** Debian's release; default: `bookworm`. */
  suite?: Suite;
  packages: readonly string[];
  /** Shell, run after the packages are installed. `/files` has the files of `files`. */
  setup?: string;
  /** Instructions of a Dockerfile for `docker commit --change`. */
  changes?: readonly string[];
  /** The stop signal of its containers; SIGTERM by default. */
  stopSignal?: `SIG${string}`;
  /** The source of `/files`: the role images' packages from npm. */
  files?: "node-modules";
}
