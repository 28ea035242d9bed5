/** The types that a script is checked with, as one file of the build. */

/** Names begin with `/`, as in a file system of their own. */
export interface ScriptTypes {
  /** The text of each file: the script API's, what it imports, and the language's. */
  files: Record<string, string>;
  /** The file of each import, by importing file and specifier. */
  imports: Record<string, Record<string, string>>;
}

/** What a script imports as "orbweaver". */
export const API_FILE = "/services/sdk/api.ts";
/** What a script has without an import. */
export const GLOBALS_FILE = "/examples/globals.d.ts";
/** The folder of the language's own types. */
export const LIB_FOLDER = "/lib";
