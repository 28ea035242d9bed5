import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Frees what died young, in a millisecond. */
const MINOR_EVERY_BYTES = 4 * 1024 * 1024;
/** Frees the rest, in about ten: three thousand ordinary pages, or one of the largest. */
const MAJOR_EVERY_BYTES = 12 * 1024 * 1024;

type Collect = (options?: { type: "minor" }) => void;

/**
 * Has garbage collected early, in a process of its own whose heap is small.
 *
 * The memory of buffers lies outside of V8's heap. V8 lets 64 MiB of dead ones lie and more, for it looks at its heap, which such a process hardly
 * fills, and not at what the kernel allows it. That is half of a container of 128 MiB.
 *
 * @returns to be called with the number of bytes whenever messages or bodies come.
 */
export function collectGarbageEarly(): (bytes: number) => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as Collect;
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
