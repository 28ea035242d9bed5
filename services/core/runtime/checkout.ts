import { resolve } from "node:path";

/** The absolute path of the checkout's folder, without a slash at the end. In a role's image: the folder that has `services`. */
export const ROOT = resolve(import.meta.dirname, "../../..");
