import { availableParallelism } from "node:os";
import { MIB } from "../core/protocol/byte-units.ts";

export const SANDBOX_MODES = ["auto", "required"] as const;
/** `required`: Chromium does not start without its own sandbox. `auto`: it starts without one if the system or the user root does not allow one. */
export type SandboxMode = (typeof SANDBOX_MODES)[number];

export interface RendererSettings {
  /** Path of Chromium; absent: the usual names are tried. */
  chromiumPath?: string | undefined;
  sandbox: SandboxMode;
  /** Concurrent pages. */
  tabs: number;
  /** Requests that may wait for a tab; further ones are refused as busy. */
  maxWaiting: number;
  /** Chromium is replaced when its processes together exceed it. */
  memoryLimitBytes: number;
  /** Chromium is replaced after this many pages: memory leaks grow per page. */
  pagesPerBrowser: number;
  /** CIDR ranges that may be loaded from although they are not public. */
  allowAddresses: string[];
}

/** Of a Chromium without a page; 135 MiB were measured with version 150, and the proportional memory of a small page is 13 MiB. */
const EMPTY_CHROMIUM_BYTES = 140 * MIB;
/** For an ordinary page; larger ones meet the memory limit. */
const TAB_BYTES = 60 * MIB;
/** Most of a page's time is waiting for its server, or for quiet. */
const TABS_PER_CORE = 4;

/** Concurrent pages by memory and cores, 1 to 16: 4 with the default limit. */
export function tabsFor(memoryLimitBytes: number, cores = availableParallelism()): number {
  const byMemory = Math.floor((memoryLimitBytes - EMPTY_CHROMIUM_BYTES) / TAB_BYTES);
  return Math.max(1, Math.min(16, byMemory, TABS_PER_CORE * cores));
}

const MEMORY_LIMIT_BYTES = 400 * MIB;

/** For the 512 MiB of the reference deployment: Chromium, and a fifth for this process and for the growth of a page within a second. */
export const rendererDefaults: RendererSettings = {
  sandbox: "auto",
  tabs: tabsFor(MEMORY_LIMIT_BYTES),
  maxWaiting: 50,
  memoryLimitBytes: MEMORY_LIMIT_BYTES,
  pagesPerBrowser: 500,
  allowAddresses: [],
};
