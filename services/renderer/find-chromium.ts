import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { NoChromiumError } from "./errors.ts";

/** The shell first: it has the same engine without desktop parts, and takes less of a small host's memory and disk. */
const NAMES = [
  "chromium-headless-shell",
  "chrome-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "chrome",
];
/** Its locations on macOS, where it is not on the PATH. */
const FIXED = ["/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];

/**
 * Path of the Chromium to use: `chromiumPath` if given, otherwise the first of the usual names in `searchPath`.
 *
 * @throws NoChromiumError
 */
export function findChromium(chromiumPath: string | undefined, searchPath: string): string {
  const onPath = NAMES.flatMap((name) => directories(searchPath).map((directory) => join(directory, name)));
  const candidates = chromiumPath === undefined ? [...onPath, ...FIXED] : [chromiumPath];
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new NoChromiumError(chromiumPath === undefined ? NAMES : [chromiumPath]);
  return found;
}

const directories = (searchPath: string) => searchPath.split(delimiter).filter((directory) => directory !== "");

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
