/** Docker's default runtime on every host: runc, with limits and permissions that neither Swarm nor its provider supports for a service. */

/** Name and path of the runtime in Docker's settings. */
export const CONTAINER_RUNTIME = { name: "orbweaver", path: "/usr/local/lib/orbweaver/container-runtime" } as const;

/** For the renderer, which does not start without Chromium's own sandbox. */
export const CHROMIUM_SANDBOX = { ORB_CHROMIUM_SANDBOX: "required" } as const;
/** The same as a word of a container's command. A container with it may create user namespaces, which Chromium's sandbox needs. */
export const CHROMIUM_SANDBOX_WORD = `ORB_CHROMIUM_SANDBOX=${CHROMIUM_SANDBOX.ORB_CHROMIUM_SANDBOX}`;

/** Processes and threads of one container. Postgres and Chromium have at most about 200; this stops a fork bomb. */
const MAX_PIDS = 1_024;
const CPU_PERIOD_MICROSECONDS = 100_000;
/** The part of each period that a single container must leave of its host's CPUs: for SSH, the mesh and Docker. */
const CPU_LEFT_MICROSECONDS = 10_000;

/** Flags that a clone or unshare must not have besides user, process and network namespaces: mount, cgroup, UTS and IPC namespaces (sched.h). */
const OTHER_NAMESPACES = 0x00020000 + 0x02000000 + 0x04000000 + 0x08000000;

/** In the format of the OCI runtime specification, added to Docker's default profile, which is an allow list. */
const CHROMIUM_SYSCALLS = [
  {
    names: ["clone", "unshare"],
    action: "SCMP_ACT_ALLOW",
    args: [{ index: 0, value: OTHER_NAMESPACES, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
  },
  { names: ["chroot"], action: "SCMP_ACT_ALLOW" },
];

/** It had many kernel vulnerabilities, the fleet does not use it, and Docker 20.10 still allows it. */
const IO_URING = ["io_uring_enter", "io_uring_register", "io_uring_setup"];
/** With these a process only drops rights: a processor uses them to confine its scripts. Docker 20.10 does not know them. */
const LANDLOCK = ["landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self"];

/** A program of jq(1). Numbers beyond 2^53 would lose digits in jq 1.6; Docker writes none for the fleet's containers. */
const CHANGES = `(.linux.resources.pids.limit // 0) as $pids
| (.linux.resources.cpu.quota // 0) as $quota
| if $pids > 0 then . else .linux.resources.pids.limit = ${MAX_PIDS} end
| if $quota > 0 then . else
    .linux.resources.cpu += {quota: ($cpus * ${CPU_PERIOD_MICROSECONDS} - ${CPU_LEFT_MICROSECONDS}), period: ${CPU_PERIOD_MICROSECONDS}}
  end
| if .linux.seccomp then
    .linux.seccomp.syscalls |= [.[] | .names -= ${JSON.stringify([...IO_URING, ...LANDLOCK])} | select(.names != [])]
    | .linux.seccomp.syscalls += [{names: ${JSON.stringify(LANDLOCK)}, action: "SCMP_ACT_ALLOW"}]
  else . end
| if .linux.seccomp and ((.process.args // []) | index("${CHROMIUM_SANDBOX_WORD}")) then
    .linux.seccomp.syscalls += ${JSON.stringify(CHROMIUM_SYSCALLS)}
  else . end`;

/**
 * The runtime: a shell script that changes a container's `config.json` (OCI runtime specification) before it is created, and then executes runc.
 * If the settings cannot be changed, the container is not created. Existing limits of a container stay. Needs jq.
 */
export const renderContainerRuntime = (): string => `#!/bin/sh
set -eu
creates= bundle=. previous=
for word in "$@"; do
  case $previous in --bundle | -b) bundle=$word ;; esac
  case $word in
    create | run) creates=yes ;;
    --bundle=*) bundle=\${word#*=} ;;
  esac
  previous=$word
done
if [ -n "$creates" ]; then
  jq --argjson cpus "$(getconf _NPROCESSORS_ONLN)" '${CHANGES}' "$bundle/config.json" >"$bundle/config.json.new"
  mv -- "$bundle/config.json.new" "$bundle/config.json"
fi
exec runc "$@"
`;
