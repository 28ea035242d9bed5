/** Scripts that make a host what it has to be, however often they run. One a step, so that a host is asked over few connections. */

/** A file on a host, owned by root. */
export interface HostFile {
  path: string;
  content: string;
  /** Octal. */
  mode: "600" | "644" | "755";
}

export interface HostScript {
  /** Seconds after which the host gives up; the engine itself would wait for ever. */
  timeoutSeconds: number;
  /** Bash; runs before the files are written. */
  before?: string;
  files?: HostFile[];
  /** Bash; runs after, and may ask `changed PATH` whether the script has just written that file anew. */
  after?: string;
}

/** A text as one word of a shell command. */
export const shellWord = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The command that runs a script given on its standard input, where neither `ps` nor an error message shows it. */
export const runScriptCommand = (timeoutSeconds: number) => `timeout --kill-after=10 ${timeoutSeconds} bash -s`;

/**
 * The text of a script for `runScriptCommand`. It stops at the first command that fails, and then says on stderr what it was doing.
 *
 * @throws Error if a file's content has a line that ends the script's text early; never so for text that we render.
 */
export function renderHostScript({ before = "", files = [], after = "" }: HostScript): string {
  return [PRELUDE, before, ...files.map(renderFile), after, ""].filter((part, index) => part !== "" || index === 0).join("\n");
}

const END_OF_FILE = "ORBWEAVER_END_OF_FILE";

/** Commands that read standard input would eat the rest of the script: give them </dev/null. */
const PRELUDE = `set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
fail() { printf '%s\\n' "$*" >&2; exit 1; }
changed_files=' '
changed() { [[ $changed_files == *" $1 "* ]]; }
# Writes standard input to a file in one step, if it is not there yet word for word.
put() {
  local path=$1 mode=$2 draft=$1.orbweaver-new
  mkdir -p -- "$(dirname -- "$path")"
  install -m "$mode" /dev/null "$draft"
  cat >"$draft"
  if cmp -s -- "$draft" "$path" && [ "$(stat -c %a -- "$path")" = "$mode" ]; then rm -f -- "$draft"; return; fi
  mv -f -- "$draft" "$path"
  changed_files+="$path "
}`;

function renderFile({ path, content, mode }: HostFile): string {
  if (content.split("\n").includes(END_OF_FILE)) throw new Error(`The content of ${path} has a line ${END_OF_FILE}`);
  const body = content === "" || content.endsWith("\n") ? content : `${content}\n`;
  return `put ${shellWord(path)} ${mode} <<'${END_OF_FILE}'\n${body}${END_OF_FILE}`;
}
