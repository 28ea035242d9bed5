import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TokenError } from "./process-errors.ts";

/** 256 bits, so that guessing is out of the question. */
const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{32,}$/;

/** Where the administrator's API token of a data directory is kept. */
export const tokenPath = (directory: string): string => join(directory, "token");

/**
 * The administrator's API token of a data directory.
 *
 * @throws TokenError if there is none yet, or it cannot be read, or is no token.
 */
export function readToken(directory: string): string {
  const path = tokenPath(directory);
  let text: string;
  try {
    text = readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new TokenError(`There is no token in ${path}. ./orb start --data ${directory} makes one.`, { cause: error });
    }
    throw new TokenError(
      `The token in ${path} cannot be read (${(error as NodeJS.ErrnoException).code}). Run as the user who started it.`,
      { cause: error },
    );
  }
  if (!TOKEN.test(text)) throw new TokenError(`${path} holds no token. Remove it and start again: a new one is made.`);
  return text;
}

/** The token of a data directory; made, for its owner's eyes only (0600), if there is none. Two callers at once get the same one. */
export function readOrCreateToken(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const draft = `${tokenPath(directory)}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(TOKEN_BYTES).toString("base64url")}\n`, { mode: 0o600 });
  try {
    // A link appears whole or not at all, and never replaces a token that is there.
    linkSync(draft, tokenPath(directory));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    chmodSync(tokenPath(directory), 0o600);
  } finally {
    rmSync(draft);
  }
  return readToken(directory);
}
