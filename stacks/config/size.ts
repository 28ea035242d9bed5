const UNITS = { MiB: 1, GiB: 1_024 } as const;

/** `"2GiB"` -> 2048, `"512MiB"` -> 512: whole mebibytes; undefined if it is not a valid size. */
export function parseMiB(text: string): number | undefined {
  const [, number = "", unit] = /^([1-9]\d{0,6})(MiB|GiB)$/.exec(text) ?? [];
  return unit === undefined ? undefined : Number(number) * UNITS[unit as keyof typeof UNITS];
}

/** 2048 -> `"2GiB"`, 640 -> `"640MiB"`. */
export const formatMiB = (mebibytes: number): string => (mebibytes % UNITS.GiB === 0 ? `${mebibytes / UNITS.GiB}GiB` : `${mebibytes}MiB`);
