import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TokenError } from "./process-errors.ts";

/** 256 bits, so that it cannot be guessed. */
const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{32,}$/;

/** The path of a data directory's administrator token. */
export const tokenPath = (directory: string): string => join(directory, "token");

/**
 * The administrator's API token of a data directory.
 *
 * @throws TokenError if it does not exist, cannot be read, or is not valid.
 */
export function readToken(directory: string): string {
  const path = tokenPath(directory);
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new TokenError(`There is no token in ${path}. Run ./orb start --data ${directory} to create one.`, { cause: error });
    }
    throw new TokenError(
      `The token in ${path} cannot be read (${(error as NodeJS.ErrnoException).code}). Run this command as the user that ran ./orb start.`,
      { cause: error },
    );
  }
  if (!TOKEN.test(text))
    throw new TokenError(`${path} does not contain a valid token. Delete the file and start again to create a new one.`);
  return text;
}

/**
 * The token of a data directory; created with mode 0600, and on disk, if it does not exist. Two concurrent callers get the same token.
 *
 * @throws TokenError if it cannot be read, or is not valid.
 */
export function readOrCreateToken(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = `${tokenPath(directory)}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(TOKEN_BYTES).toString("base64url")}\n`, { mode: 0o600, flush: true });
  try {
    // A link appears whole or not at all, and never replaces an existing token.
    linkSync(draft, tokenPath(directory));
    synchronise(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    chmodSync(tokenPath(directory), 0o600);
  } finally {
    rmSync(draft);
  }
  return readToken(directory);
}

/** Puts the names of a folder's files on disk. */
function synchronise(directory: string): void {
  const folder = openSync(directory, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
