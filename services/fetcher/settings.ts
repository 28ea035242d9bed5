const MIB = 1024 * 1024;

export interface FetcherSettings {
  /** Pages at a time. */
  concurrency: number;
  /** The largest body of one page, after decompression; a task can ask for less. */
  maxBodyBytes: number;
  /** All bodies that this process holds; the one that asked first may pass it by `maxBodyBytes`, so that work never stops. */
  bodyBudgetBytes: number;
  userAgent: string;
  /** CIDR ranges that are fetched from although they are not public. */
  allowAddresses: string[];
  /** Origin of a renderer, such as `http://127.0.0.1:25555`, or what opens one for the first page that needs it. */
  rendererUrl?: string | (() => Promise<string>) | undefined;
}

/** pyspider's number of pages at a time. The fleet sets less of this and of bodies, to fit into 128 MiB. */
export const fetcherDefaults: FetcherSettings = {
  concurrency: 100,
  maxBodyBytes: 16 * MIB,
  bodyBudgetBytes: 32 * MIB,
  userAgent: "Orbweaver/0.1",
  allowAddresses: [],
};
