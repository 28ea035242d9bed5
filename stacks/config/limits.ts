/** The minimum memory of each container, so that it can do what its settings allow. */
import type { Problem } from "../../services/core/protocol/errors.ts";
import type { Container } from "./defaults.ts";
import { formatMiB } from "./size.ts";

interface Bound {
  mebibytes: number;
  reason: string;
}

/** The memory of an idle role's Node process, with shared pages. */
const ROLE_AT_REST = "a role holds 77 MiB at rest";

/** The minimum limit of each container, from its settings. test/integration/memory-limits.test.ts tests them with the defaults. */
export const MIN_LIMITS: Record<Container, Bound> = {
  renderer: { mebibytes: 480, reason: "its Chromium may take 400 MiB, and the renderer itself 77" },
  fetcher: { mebibytes: 112, reason: "it may hold pages of 28 MiB, and the fetcher itself 77" },
  processor: { mebibytes: 240, reason: "its script may take 160 MiB, and the processor itself 77" },
  "result-worker": { mebibytes: 96, reason: ROLE_AT_REST },
  webui: { mebibytes: 96, reason: ROLE_AT_REST },
  scheduler: { mebibytes: 96, reason: ROLE_AT_REST },
  postgres: { mebibytes: 256, reason: "its shared buffers take 128 MiB, and its sessions as much again" },
  redis: { mebibytes: 128, reason: "pages of 16 MiB go through it, and less than half of it is for them" },
  registry: { mebibytes: 64, reason: "uploads of image layers need it" },
  balancer: { mebibytes: 32, reason: "its two processes hold 20 MiB at rest" },
  edge: { mebibytes: 64, reason: "its cache and uploads take 40 MiB, its processes 20" },
};

/** The scheduler's limit of pages in flight is 65,536 MiB at most, and is 40 % of this. */
export const MAX_LIMITS: Partial<Record<Container, Bound>> = {
  redis: { mebibytes: 163_840, reason: "the scheduler uses no more" },
};

/** Limits that are too small or too large for the container's program. */
export function limitRangeProblems(limits: Partial<Record<Container, number>>): Problem[] {
  return (Object.entries(limits) as [Container, number][]).flatMap(([container, mebibytes]) => {
    const problem = (remedy: string) => [{ path: `limits.${container}`, value: formatMiB(mebibytes), remedy }];
    const [min, max] = [MIN_LIMITS[container], MAX_LIMITS[container]];
    if (mebibytes < min.mebibytes) return problem(`${min.reason}: write ${formatMiB(min.mebibytes)} or more`);
    if (max && mebibytes > max.mebibytes) return problem(`${max.reason}: write ${formatMiB(max.mebibytes)} or less`);
    return [];
  });
}
