/** Records of what scripts made on a host, and the comparison of the host with them. */
/** One file per resource, for root only: shell commands `run`, `file` and `check` with their arguments. */
export const RECORDS = "/etc/orbweaver/made";

/** A command for `sh`: the resource is gone, and its results are no longer compared with the host. */
export const forgetRecord = (resource: string): string => `rm -f ${RECORDS}/${resource}`;

/** Prints a command's output; `missing` if the command reports that the object does not exist. Fails, with the command's message, if that is unknown. */
const OBSERVE = `observe() {
  local output
  if output=$(timeout 10 bash -c "$1" 2>/dev/null </dev/null); then printf '%s' "$output"; return; fi
  output=$(timeout 10 bash -c "$1" 2>&1 </dev/null) || true
  case \${output,,} in
    *'no such'* | *'not found'*) printf missing ;;
    *) printf '%s' "\${output%%$'\\n'*}"; return 1 ;;
  esac
}`;

/** Bash functions for the end of a host script. A check whose state cannot be observed is not recorded. */
export const RECORD_FUNCTIONS = `${OBSERVE}
record_file() { printf 'file %s %s %q\\n' "$(sha256sum <"$1" | cut -c 1-64)" "$(stat -c %a -- "$1")" "$1"; }
# What, its command, and what that prints if it is known.
record_check() {
  local state
  if [ $# -gt 2 ]; then state=$3; else state=$(observe "$2") || return 0; fi
  printf 'check %q %q %q\\n' "$1" "$state" "$2"
}`;

/**
 * A command for `sh` that compares a host with its records, and changes nothing. Prints, for `parseRecords`, lines `made <resource> <run>`,
 * `drift <resource> <what differs>` and `unknown <resource> <what could not be checked>`; nothing on a bare host.
 */
export const checkRecordsCommand = (): string => `bash <<'ORBWEAVER_END_OF_CHECK'\n${CHECK}\nORBWEAVER_END_OF_CHECK`;

/** Longer differences are not readable for people. In characters. */
const SHOWN = 60;

const CHECK = `export LC_ALL=C.UTF-8
${OBSERVE}
drift() { printf 'drift %s %s\\n' "$resource" "$1"; }
run() { printf 'made %s %s\\n' "$resource" "$1"; }
file() {
  local mode
  if [ ! -f "$3" ]; then drift "$3 is missing"; return; fi
  mode=$(stat -c %a -- "$3")
  if [ "$(sha256sum <"$3" | cut -c 1-64)" != "$1" ]; then drift "$3 was changed"
  elif [ "$mode" != "$2" ]; then drift "$3 has mode $mode instead of $2"; fi
}
check() {
  local now line earlier
  if ! now=$(observe "$3"); then printf 'unknown %s %s\\n' "$resource" "$1: $now"; return; fi
  if [ "$now" = "$2" ]; then return; fi
  if [ "$now" = missing ] || [ -z "$now" ]; then drift "$1 is missing"; return; fi
  # The first line that differs.
  line=$(diff <(printf '%s\\n' "$2") <(printf '%s\\n' "$now") | sed -n 's/^> //p' | head -n 1)
  earlier=$(diff <(printf '%s\\n' "$2") <(printf '%s\\n' "$now") | sed -n 's/^< //p' | head -n 1)
  if [ \${#line} -le ${SHOWN} ] && [ \${#earlier} -le ${SHOWN} ]; then drift "$1: \\"$line\\" instead of \\"$earlier\\""
  else drift "$1: its \${line%% *} was changed"; fi
}
shopt -s nullglob
for record in ${RECORDS}/*; do
  { resource=\${record##*/}; . "$record"; } &
done
wait`;
