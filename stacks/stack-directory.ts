import { join } from "node:path";
import { ROOT } from "../services/core/runtime/checkout.ts";

/** This checkout's files of a stack that git must not have: its hosts' keys, the image context. */
export const stackDirectory = (stack: string): string => join(ROOT, ".orb/stacks", stack);

/** The hosts' SSH keys, as `recordHostKeys` writes them. */
export const knownHostsFile = (stack: string): string => join(stackDirectory(stack), "known_hosts");
