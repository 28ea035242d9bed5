import { connectTestHost } from "../fixtures/script-host.ts";

/** The host of our script API; there is one in a process. */
export const { show } = connectTestHost();
