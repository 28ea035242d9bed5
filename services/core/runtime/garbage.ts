import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { MIB } from "../protocol/byte-units.ts";

/** Runs a minor garbage collection, which takes a millisecond. */
const MINOR_EVERY_BYTES = 4 * MIB;
/** Runs a major garbage collection, which takes about ten: it frees three thousand ordinary pages, or one of the largest. */
const MAJOR_EVERY_BYTES = 12 * MIB;

type Collect = (options?: { type: "minor" }) => void;

/** A function that runs a garbage collection: a minor one takes a millisecond, another some ten. */
export function garbageCollector(): Collect {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as Collect;
}

/**
 * Triggers garbage collection early, in a process with a small heap.
 *
 * Buffers are outside of V8's heap. V8 keeps 64 MiB and more of unreachable buffers, because it looks at the size of its heap, which is small
 * in such a process, and not at the kernel's limit. 64 MiB is half of a container of 128 MiB.
 *
 * @returns a function to call with the number of bytes of each new message or body.
 */
export function createGcTrigger(): (bytes: number) => void {
  const collect = garbageCollector();
  let sinceMinor = 0;
  let sinceMajor = 0;
  return (bytes) => {
    sinceMinor += bytes;
    sinceMajor += bytes;
    if (sinceMajor >= MAJOR_EVERY_BYTES) {
      sinceMajor = 0;
      sinceMinor = 0;
      collect();
    } else if (sinceMinor >= MINOR_EVERY_BYTES) {
      sinceMinor = 0;
      collect({ type: "minor" });
    }
  };
}
