import { MIB } from "../core/protocol/byte-units.ts";

export interface FetcherSettings {
  /** Concurrent pages. */
  concurrency: number;
  /** The largest body of one page, after decompression; a task can set less. */
  maxBodyBytes: number;
  /** All bodies that this process holds; the leader may exceed it by `maxBodyBytes`, so that work never stops. */
  bodyBudgetBytes: number;
  userAgent: string;
  /** CIDR ranges that may be fetched from although they are not public. */
  allowAddresses: string[];
  /** Origin of a renderer, such as `http://127.0.0.1:25555`, or a function that starts one for the first page that needs it. */
  rendererUrl?: string | (() => Promise<string>) | undefined;
}

/** pyspider's number of concurrent pages. The fleet sets lower limits here and for bodies, to fit into 128 MiB. */
export const fetcherDefaults: FetcherSettings = {
  concurrency: 100,
  maxBodyBytes: 16 * MIB,
  bodyBudgetBytes: 32 * MIB,
  userAgent: "Orbweaver/0.1",
  allowAddresses: [],
};
