import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Where this checkout keeps what it knows of a stack and git must not: its hosts' keys, the image context. */
export const stackDirectory = (stack: string): string => join(ROOT, ".orb/stacks", stack);

/** The hosts' SSH keys, as `recordHostKeys` writes them. */
export const knownHostsFile = (stack: string): string => join(stackDirectory(stack), "known_hosts");
