/** What a run of the tests says of a fault. `broken`: a file of tests did not load, so that its tests say nothing. */
export interface Verdict {
  kind: "noticed" | "survived" | "broken";
  /** The first test that failed; empty if the fault survived. */
  by: string;
}

/** @param output of `node --test --test-reporter=tap`. */
export function readVerdict(code: number | null, output: string): Verdict {
  if (code === 0) return { kind: "survived", by: "" };
  const titles = [...output.matchAll(/^\s*not ok \d+ - (.*)$/gm)].map(([, title = ""]) => title);
  if (output.includes("testTimeoutFailure")) return { kind: "noticed", by: `a timeout: ${titles[0] ?? ""}` };
  const title = titles.find((text) => !text.endsWith(".ts"));
  return title === undefined ? { kind: "broken", by: titles[0] ?? "" } : { kind: "noticed", by: title };
}
