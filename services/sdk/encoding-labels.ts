/**
 * Also takes the place of the package whatwg-encoding in the code of a sandbox child: encoding-sniffer needs only this function of it, and the rest
 * brings decoders of 300 kB that `TextDecoder` has.
 */
import names from "whatwg-encoding/lib/labels-to-names.json" with { type: "json" };

/** `" Latin1 "` -> `"windows-1252"` (Encoding Standard, section 4.2); null for an unknown label. */
export const labelToName = (label: string): string | null => NAMES.get(label.trim().toLowerCase()) ?? null;

/** The rest of the standard's labels: iconv-lite, which that package uses, lacks these encodings. */
const OTHERS: Record<string, string> = {
  "ISO-8859-8-I": "csiso88598i iso-8859-8-i logical",
  "x-mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
  "ISO-2022-JP": "csiso2022jp iso-2022-jp",
  replacement: "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement",
};

const NAMES = new Map([
  ...Object.entries(names),
  ...Object.entries(OTHERS).flatMap(([name, labels]) => labels.split(" ").map((label): [string, string] => [label, name])),
]);
