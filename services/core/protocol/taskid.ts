import { createHash } from "node:crypto";

/** The usual id of a task without a body, in roles: MD5 of its URL, as in pyspider. */
export const taskidOfUrl = (url: string): string => createHash("md5").update(url).digest("hex");
