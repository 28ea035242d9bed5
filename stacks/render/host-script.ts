/** Idempotent scripts that set up a host. One per step, so that a host needs few connections. */
import { RECORD_FUNCTIONS, RECORDS } from "./record-script.ts";

/** A file on a host, owned by root. */
export interface HostFile {
  path: string;
  content: string;
  /** Octal. */
  mode: "600" | "644" | "755";
}

export interface HostScript {
  /** Seconds after which the host cancels the script; the engine itself has no timeout. */
  timeoutSeconds: number;
  /** Bash; runs before the files are written. */
  before?: string;
  files?: HostFile[];
  /** Bash; runs afterwards, and may call `changed PATH` to check whether the script has just rewritten that file. */
  after?: string;
  /** Paths of files that `after` creates, and that nothing else may change. */
  madeFiles?: string[];
  /** Further checks of what must stay as the script leaves it. */
  checks?: HostCheck[];
}

/** A property of a host that one command can check. */
export interface HostCheck {
  /** For people: `the unit docker.service`. */
  what: string;
  /** Bash; takes less than 10 s and changes nothing. If it fails, the property is missing or unknown, by its message. */
  command: string;
  /** The expected output; without it, the output at the end of the script. */
  expected?: string;
}

/** The record that a script leaves on its host, so that drift can be detected: render/record-script.ts reads it. */
export interface ScriptRecord {
  /** The resource's name. */
  resource: string;
  /** Another number means another run of the same script. */
  run: number;
}

/** A text as one word of a shell command. */
export const shellWord = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** The command that runs a script given on its standard input, so that neither `ps` nor an error message shows it. */
export const runScriptCommand = (timeoutSeconds: number) => `timeout --kill-after=10 ${timeoutSeconds} bash -s`;

/** The check that a systemd unit starts at boot and runs now. */
export const unitCheck = (unit: string): HostCheck => ({
  what: `the unit ${unit}`,
  command: `echo $(systemctl is-enabled ${unit} 2>/dev/null) $(systemctl is-active ${unit})`,
  expected: "enabled active",
});

/**
 * The text of a script for `runScriptCommand`; with `record` it ends by recording its results. It stops at the first failing command and reports the current step on stderr.
 *
 * @throws Error if a file's content has a line that ends the script's text early; this never happens with rendered text.
 */
export function renderHostScript(script: HostScript, record?: ScriptRecord): string {
  const { before = "", files = [], after = "" } = script;
  const exclusive = record === undefined ? "" : waitForEarlierRun(record.resource, script.timeoutSeconds);
  const parts = [
    PRELUDE,
    exclusive,
    before,
    ...files.map(renderFile),
    after,
    record === undefined ? "" : recordCommands(script, record),
    "",
  ];
  return parts.filter((part, index) => part !== "" || index === 0).join("\n");
}

const END_OF_FILE = "ORBWEAVER_END_OF_FILE";

/** Commands that read standard input would consume the rest of the script: give them </dev/null. */
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

/** When a deployment is killed, its scripts on the hosts run to their end: two runs of one script at a time would mix their results. */
const waitForEarlierRun = (resource: string, timeoutSeconds: number) => `exec 8>/run/lock/orbweaver-step-${resource}
flock --timeout ${Math.floor(timeoutSeconds / 2)} 8 || fail "an earlier run of ${resource} is still running on this host: repeat the command when it has ended"`;

function recordCommands({ files = [], madeFiles = [], checks = [] }: HostScript, { resource, run }: ScriptRecord): string {
  const paths = [...files.map(({ path }) => path), ...madeFiles];
  return [
    RECORD_FUNCTIONS,
    `install -d -m 700 /etc/orbweaver ${RECORDS}`,
    "{",
    `printf 'run %s\\n' ${run}`,
    ...paths.map((path) => `record_file ${shellWord(path)}`),
    ...checks.map(({ what, command, expected }) =>
      ["record_check", ...[what, command, ...(expected === undefined ? [] : [expected])].map(shellWord)].join(" "),
    ),
    // Atomic, and under a name that the check ignores before.
    `} >${RECORDS}/.${resource}`,
    `mv -f ${RECORDS}/.${resource} ${RECORDS}/${resource}`,
  ].join("\n");
}

function renderFile({ path, content, mode }: HostFile): string {
  if (content.split("\n").includes(END_OF_FILE)) throw new Error(`The content of ${path} has a line ${END_OF_FILE}`);
  const body = content === "" || content.endsWith("\n") ? content : `${content}\n`;
  return `put ${shellWord(path)} ${mode} <<'${END_OF_FILE}'\n${body}${END_OF_FILE}`;
}
