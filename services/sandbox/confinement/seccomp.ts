/**
 * Seccomp filters in the kernel's format: classic BPF over the system call's number and arguments. Numbers are those of Linux' tables
 * (arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h).
 */

/** A system call's number on x64 and on arm64; undefined where it does not exist. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined];

/** Not needed by scripts, the compiler or Node: other processes' memory, kernel interfaces with many past vulnerabilities, namespaces, mounts, sockets. */
const REFUSED: Readonly<Record<string, Numbers>> = {
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  pidfd_open: [434, 434],
  pidfd_send_signal: [424, 424],
  pidfd_getfd: [438, 438],
  kcmp: [312, 272],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsmount: [432, 432],
  mount_setattr: [442, 442],
  unshare: [272, 97],
  setns: [308, 268],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  kexec_load: [246, 104],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  socket: [41, 198],
};

/** Refused unless the first argument is 0, the own process or its group. */
const ONLY_OWN_PROCESS: Readonly<Record<string, Numbers>> = {
  kill: [62, 129],
  tkill: [200, 130],
  tgkill: [234, 131],
  rt_sigqueueinfo: [129, 138],
  rt_tgsigqueueinfo: [297, 240],
  prlimit64: [302, 261],
  sched_setaffinity: [203, 122],
  sched_setscheduler: [144, 119],
  sched_setparam: [142, 118],
  sched_setattr: [314, 274],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
};

const FORK: Numbers = [57, undefined];
const VFORK: Numbers = [58, undefined];
const CLONE: Numbers = [56, 220];
const CLONE3: Numbers = [435, 435];

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
const ARCHITECTURES: Readonly<Record<string, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** System calls of the x32 interface have this bit in their numbers. */
const X32_BIT = 0x40000000;
const CLONE_THREAD = 0x10000;
const [EPERM, ENOSYS] = [1, 38];

// linux/bpf_common.h, linux/seccomp.h
const [LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN] = [0x20, 0x15, 0x35, 0x45, 0x06];
const [ALLOW, KILL_PROCESS] = [0x7fff0000, 0x80000000];
const failWith = (error: number) => 0x00050000 | error;
/** Offsets in `struct seccomp_data`; of an argument, its lower half on a little-endian machine. */
const [NUMBER, ARCHITECTURE, FIRST_ARGUMENT] = [0, 4, 16];

/** `struct sock_filter`. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

export interface FilterOptions {
  /** As Node names it. */
  architecture: string;
  /** Whether it may start processes. Without that, it can also signal only itself. */
  mayFork: boolean;
}

/** The placeholder for the process id in a filter, negated for its group: the id is known when the process runs. */
export const OWN_PID = 0x7fffff51;

/** @returns the instructions as bytes, 8 each; undefined on an unsupported architecture. */
export function seccompFilter({ architecture, mayFork }: FilterOptions): Uint8Array | undefined {
  const audited = ARCHITECTURES[architecture];
  if (audited === undefined) return undefined;
  const numberOf = (numbers: Numbers) => numbers[architecture === "x64" ? 0 : 1];
  const rule = (numbers: Numbers, then: readonly Instruction[]): Instruction[] => {
    const number = numberOf(numbers);
    return number === undefined ? [] : [[EQUAL, 0, then.length, number], ...then];
  };
  const fail = (error: number): Instruction => [RETURN, 0, 0, failWith(error)];
  const allow: Instruction = [RETURN, 0, 0, ALLOW];
  const threadsAlone: Instruction[] = [[LOAD, 0, 0, FIRST_ARGUMENT], [ANY_BIT, 0, 1, CLONE_THREAD], allow, fail(EPERM)];
  const ownAlone: Instruction[] = [
    [LOAD, 0, 0, FIRST_ARGUMENT],
    [EQUAL, 2, 0, 0],
    [EQUAL, 1, 0, OWN_PID],
    [EQUAL, 0, 1, -OWN_PID >>> 0],
    allow,
    fail(EPERM),
  ];
  return encode([
    [LOAD, 0, 0, ARCHITECTURE],
    [EQUAL, 1, 0, audited],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
    ...(architecture === "x64" ? ([[AT_LEAST, 0, 1, X32_BIT], fail(EPERM)] as Instruction[]) : []),
    ...Object.values(REFUSED).flatMap((numbers) => rule(numbers, [fail(EPERM)])),
    // glibc then uses clone instead, whose flags the filter can check.
    ...rule(CLONE3, [fail(ENOSYS)]),
    ...(mayFork
      ? []
      : [
          ...[FORK, VFORK].flatMap((numbers) => rule(numbers, [fail(EPERM)])),
          ...rule(CLONE, threadsAlone),
          ...Object.values(ONLY_OWN_PROCESS).flatMap((numbers) => rule(numbers, ownAlone)),
        ]),
    allow,
  ]);
}

function encode(instructions: readonly Instruction[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * instructions.length));
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    bytes.setUint16(8 * index, code, true);
    bytes.setUint8(8 * index + 2, ifTrue);
    bytes.setUint8(8 * index + 3, ifFalse);
    bytes.setUint32(8 * index + 4, value >>> 0, true);
  }
  return new Uint8Array(bytes.buffer);
}
