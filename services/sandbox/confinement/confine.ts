/**
 * The steps of a process before it becomes its program. All of it runs as text in a separate process (`confineText`): functions here use nothing
 * from outside but each other. Numbers of system calls and flags are Linux'; these are the same on x64 and arm64.
 */

export interface Confinement {
  /** Files and folders that it may read and execute; it may read no others, and may write nothing. */
  readable: readonly string[];
  /** A seccomp filter in base64, and the placeholder number for the process's own id. */
  filter: string | undefined;
  ownPid: number;
  /** The user that root changes to. */
  uid: number;
}

/** Which parts of the confinement are active; the kernel or its environment does not support the rest. */
export interface Confined {
  noNewPrivileges: boolean;
  seccomp: boolean;
  /** Version of Landlock's interface, 0 without it: 1 confines to files, 4 to no TCP, 6 to no signals beyond the process. */
  landlock: number;
  limits: boolean;
  /** The user that it runs as. */
  uid: number;
}

/** Functions of the C library; each returns -1 on failure. */
interface Kernel {
  syscall(number: number, ...values: (bigint | ArrayBufferLike)[]): number;
  prctl(option: number, value: bigint, buffer?: ArrayBufferLike): number;
  setrlimit(resource: number, values: ArrayBufferLike): number;
  /** The address of a buffer; it stays valid until the process becomes another. */
  pointerTo(buffer: ArrayBufferLike): bigint;
}

type Program = readonly [file: string, ...args: string[]];

/**
 * A program that confines itself, skips each unsupported step, and then becomes `[file, ...args]`, with the same id, streams and
 * environment.
 *
 * @param program undefined: it becomes Node, and prints a `Confined`.
 */
export function confineText(confinement: Confinement, program?: Program): string {
  const functions = [openKernel, preferToOthers, setLimits, applyLandlock, allowReading, takeUser, ownFilter, applySeccomp, confine];
  return `${functions.map(String).join("\n")}\nconfine(${JSON.stringify(confinement)}, ${JSON.stringify(program)});`;
}

function confine({ readable, filter, ownPid, uid }: Confinement, program?: Program): void {
  const kernel = openKernel();
  preferToOthers();
  const confined: Confined = {
    noNewPrivileges: kernel.prctl(38, 1n) === 0, // PR_SET_NO_NEW_PRIVS
    limits: setLimits(kernel),
    landlock: applyLandlock(kernel, readable),
    uid: takeUser(uid, program?.[0] ?? process.execPath),
    seccomp: filter !== undefined && applySeccomp(kernel, ownFilter(Buffer.from(filter, "base64"), ownPid)),
  };
  const report: Program = [process.execPath, "-e", `console.log(${JSON.stringify(JSON.stringify(confined))})`];
  const [file, ...args] = program ?? report;
  const { execve } = process as unknown as { execve(file: string, args: string[], env: NodeJS.ProcessEnv): never };
  execve(file, [file, ...args], process.env);
}

function openKernel(): Kernel {
  const { dlopen, getRawPointer } = require("node:ffi") as {
    dlopen(
      path: null,
      symbols: object,
    ): { functions: Record<"syscall" | "prctl" | "setrlimit", (...values: (number | bigint)[]) => number | bigint> };
    getRawPointer(bytes: Uint8Array): bigint;
  };
  const words = (count: number) => Array(count).fill("u64") as string[];
  const { functions } = dlopen(null, {
    syscall: { arguments: words(5), return: "i64" },
    prctl: { arguments: ["i32", ...words(4)], return: "i32" },
    setrlimit: { arguments: ["i32", "u64"], return: "i32" },
  });
  const kept: Uint8Array[] = [];
  const pointerTo = (buffer: ArrayBufferLike) => getRawPointer(kept[kept.push(new Uint8Array(buffer)) - 1] as Uint8Array);
  const word = (value: bigint | ArrayBufferLike) => (typeof value === "bigint" ? value : pointerTo(value));
  return {
    syscall(number, ...values) {
      const [first = 0n, second = 0n, third = 0n, fourth = 0n] = values.map(word);
      return Number(functions.syscall(BigInt(number), first, second, third, fourth));
    },
    prctl: (option, value, buffer) => Number(functions.prctl(option, value, buffer ? pointerTo(buffer) : 0n, 0n, 0n)),
    setrlimit: (resource, values) => Number(functions.setrlimit(resource, pointerTo(values))),
    pointerTo,
  };
}

/** When memory runs out, the kernel ends this process before its parent. */
function preferToOthers(): void {
  try {
    (require("node:fs") as typeof import("node:fs")).writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Some containers allow no user to write there.
  }
}

function setLimits({ setrlimit }: Kernel): boolean {
  // RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_NOFILE
  const limits: [resource: number, value: bigint][] = [
    [1, 0n],
    [4, 0n],
    [7, 256n],
  ];
  return limits.every(([resource, value]) => setrlimit(resource, new BigUint64Array([value, value]).buffer) === 0);
}

/** @returns the version of its interface, 0 without it. */
function applyLandlock(kernel: Kernel, readable: readonly string[]): number {
  const version = kernel.syscall(444, 0n, 0n, 1n); // landlock_create_ruleset, LANDLOCK_CREATE_RULESET_VERSION
  if (version < 1) return 0;
  // LANDLOCK_ACCESS_FS_*: the first 13, then REFER, TRUNCATE and IOCTL_DEV.
  const files = 0x1fffn | (version >= 2 ? 0x2000n : 0n) | (version >= 3 ? 0x4000n : 0n) | (version >= 5 ? 0x8000n : 0n);
  // All of LANDLOCK_ACCESS_NET_* and of LANDLOCK_SCOPE_*, where they are known.
  const handled = [files, ...(version >= 4 ? [3n] : []), ...(version >= 6 ? [3n] : [])];
  const ruleset = kernel.syscall(444, new BigUint64Array(handled).buffer, BigInt(8 * handled.length), 0n);
  if (ruleset < 0) return 0;
  for (const path of readable) allowReading(kernel, ruleset, path);
  return kernel.syscall(446, BigInt(ruleset), 0n) === 0 ? version : 0; // landlock_restrict_self
}

function allowReading(kernel: Kernel, ruleset: number, path: string): void {
  const { closeSync, existsSync, openSync } = require("node:fs") as typeof import("node:fs");
  if (!existsSync(path)) return;
  const file = openSync(path, 0x200000); // O_PATH
  // EXECUTE and READ_FILE, with READ_DIR for folders only: it is refused for a file.
  for (const access of [13n, 5n]) {
    const rule = new DataView(new ArrayBuffer(12)); // struct landlock_path_beneath_attr
    rule.setBigUint64(0, access, true);
    rule.setInt32(8, file, true);
    if (kernel.syscall(445, BigInt(ruleset), 1n, rule.buffer, 0n) === 0) break; // landlock_add_rule, LANDLOCK_RULE_PATH_BENEATH
  }
  closeSync(file);
}

/** As root, changes to another user, unless that user may not read the program. @returns the user. */
function takeUser(uid: number, file: string): number {
  const { closeSync, openSync } = require("node:fs") as typeof import("node:fs");
  if (process.getuid?.() !== 0) return process.getuid?.() ?? -1;
  try {
    process.seteuid?.(uid);
    closeSync(openSync(file, "r"));
    process.seteuid?.(0);
  } catch {
    process.seteuid?.(0);
    return 0;
  }
  process.setgroups?.([]);
  process.setgid?.(uid);
  process.setuid?.(uid);
  return uid;
}

/** The filter with the id of this process. */
function ownFilter(filter: Uint8Array, ownPid: number): ArrayBuffer {
  const own = Uint8Array.from(filter).buffer;
  const view = new DataView(own);
  for (let at = 4; at < own.byteLength; at += 8) {
    const value = view.getUint32(at, true);
    if (value === ownPid) view.setUint32(at, process.pid, true);
    else if (value === -ownPid >>> 0) view.setUint32(at, -process.pid >>> 0, true);
  }
  return own;
}

function applySeccomp({ prctl, pointerTo }: Kernel, filter: ArrayBuffer): boolean {
  const described = new DataView(new ArrayBuffer(16)); // struct sock_fprog
  described.setUint16(0, filter.byteLength / 8, true);
  described.setBigUint64(8, pointerTo(filter), true);
  return prctl(22, 2n, described.buffer) === 0; // PR_SET_SECCOMP, SECCOMP_MODE_FILTER
}
