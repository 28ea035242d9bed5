/** Bytes of a KiB. */
export const KIB = 1_024;
/** Bytes of a MiB. */
export const MIB = 1_048_576;
/** `1048576 -> "1 MiB"` */
export const inMiB = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
