const MIB = 1024 * 1024;

export interface RendererSettings {
  /** Path of Chromium; absent: the usual names are tried. */
  chromiumPath?: string | undefined;
  /** Pages at a time. */
  tabs: number;
  /** Requests that may wait for a tab; what comes beyond is refused as busy. */
  maxWaiting: number;
  /** Chromium is replaced when its processes together pass it. */
  memoryLimitBytes: number;
  /** Chromium is replaced after so many pages: what leaks, leaks by the page. */
  pagesPerBrowser: number;
  /** CIDR ranges that are loaded from although they are not public. */
  allowAddresses: string[];
}

/** For the 512 MiB of the reference deployment: Chromium, and a fifth left for this process and for what a page takes within a second. */
export const rendererDefaults: RendererSettings = {
  tabs: 2,
  maxWaiting: 50,
  memoryLimitBytes: 400 * MIB,
  pagesPerBrowser: 500,
  allowAddresses: [],
};
