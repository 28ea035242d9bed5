# Empties the developer tools' pages and pictures in Chromium's resources: nothing opens them in a container, and they are 4.7 MB that do not compress.
set -eu
node --input-type=module --eval '
import { readFileSync, writeFileSync } from "node:fs";

const [, path] = process.argv;
const pack = readFileSync(path);
/** Of Chromium'"'"'s ui/base/resource/data_pack.cc: a version, the number of entries, and for each entry its id (2 bytes) and its offset (4 bytes). */
const [VERSION, COUNT_AT, FIRST_AT, ENTRY] = [5, 8, 12, 6];
if (pack.readUInt32LE(0) !== VERSION) throw new Error(`${path} has format ${pack.readUInt32LE(0)}, not ${VERSION}`);
const count = pack.readUInt16LE(COUNT_AT);
const offsetAt = (index) => FIRST_AT + ENTRY * index + 2;
const parts = Array.from({ length: count }, (_, index) => pack.subarray(pack.readUInt32LE(offsetAt(index)), pack.readUInt32LE(offsetAt(index + 1))));
/** Files compressed with Brotli (a mark of Chromium) or gzip, PNG and AVIF: translated texts begin otherwise. */
const FILES = [/^\x1e\x9b/, /^\x1f\x8b/, /^\x89PNG/, /^....ftypavif/s];
const kept = parts.map((part) => (FILES.some((file) => file.test(part.toString("latin1", 0, 12))) ? Buffer.alloc(0) : part));
let offset = pack.readUInt32LE(offsetAt(0));
const head = Buffer.from(pack.subarray(0, offset));
for (const [index, part] of [...kept, Buffer.alloc(0)].entries()) {
  head.writeUInt32LE(offset, offsetAt(index));
  offset += part.length;
}
writeFileSync(path, Buffer.concat([head, ...kept]));
' /usr/lib/chromium/headless_lib_strings.pak
