/**
 * Also takes the place of the package whatwg-encoding in the code of a sandbox child: encoding-sniffer needs only this function of it, and the rest
 * brings decoders of 300 kB that `TextDecoder` has.
 */
import names from "whatwg-encoding/lib/labels-to-names.json" with { type: "json" };

/** `" Latin1 "` -> `"windows-1252"` (Encoding Standard, section 4.2); null for an unknown label. */
export const labelToName = (label: string): string | null => NAMES.get(label.trim().toLowerCase()) ?? null;

const NAMES = new Map(Object.entries(names));
