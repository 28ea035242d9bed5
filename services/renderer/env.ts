import { z } from "zod";
import { MIB } from "../core/protocol/byte-units.ts";
import { addressRanges, listenHost, listenPort, wholeNumber } from "../core/runtime/env.ts";
import { type RendererSettings, rendererDefaults, SANDBOX_MODES, tabsFor } from "./settings.ts";

/** Environment of a renderer process. */
export const rendererEnv = z
  .object({
    ORB_HOST: listenHost(),
    ORB_PORT: listenPort(25_555),
    ORB_CHROMIUM_PATH: z.string().optional(),
    ORB_CHROMIUM_SANDBOX: z.enum(SANDBOX_MODES, `write one of ${SANDBOX_MODES.join(", ")}`).default(rendererDefaults.sandbox),
    ORB_TABS: wholeNumber({ min: 1, max: 64 }).optional(),
    ORB_MAX_WAITING: wholeNumber({ min: 0, max: 10_000, fallback: rendererDefaults.maxWaiting }),
    ORB_CHROMIUM_MEMORY_MIB: wholeNumber({ min: 100, max: 65_536, fallback: rendererDefaults.memoryLimitBytes / MIB }),
    ORB_PAGES_PER_CHROMIUM: wholeNumber({ min: 1, max: 1_000_000, fallback: rendererDefaults.pagesPerBrowser }),
    ORB_ALLOW_ADDRESSES: addressRanges(),
  })
  .transform((env) => ({
    host: env.ORB_HOST,
    port: env.ORB_PORT,
    renderer: {
      chromiumPath: env.ORB_CHROMIUM_PATH,
      sandbox: env.ORB_CHROMIUM_SANDBOX,
      tabs: env.ORB_TABS ?? tabsFor(env.ORB_CHROMIUM_MEMORY_MIB * MIB),
      maxWaiting: env.ORB_MAX_WAITING,
      memoryLimitBytes: env.ORB_CHROMIUM_MEMORY_MIB * MIB,
      pagesPerBrowser: env.ORB_PAGES_PER_CHROMIUM,
      allowAddresses: env.ORB_ALLOW_ADDRESSES,
    } satisfies RendererSettings,
  }));
