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

/** For the 512 MiB of the reference deployment: Chromium, and a fifth for this process and for the growth of a page within a second. */
export const rendererDefaults: RendererSettings = {
  sandbox: "auto",
  tabs: 2,
  maxWaiting: 50,
  memoryLimitBytes: 400 * MIB,
  pagesPerBrowser: 500,
  allowAddresses: [],
};
