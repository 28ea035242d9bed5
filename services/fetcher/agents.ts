import { Agent, buildConnector } from "undici";
import type { AddressGuard } from "../core/address-guard.ts";

/** No task waits longer for its connection, whatever it asks for: half-open sockets must end some day. */
const MAX_CONNECT_MS = 300_000;
/** Some sites answer with more cookies than Node's 16 KiB hold. */
const MAX_HEADER_BYTES = 64 * 1024;

/** Connection pools, one a host; kept alive between pages. */
export interface Agents extends AsyncDisposable {
  /** `verified`: whether certificates have to prove the host. */
  get(verified: boolean): Agent;
}

/** Pools whose every connection passes `guard`. Disposing breaks what is under way. */
export function openAgents(guard: AddressGuard): Agents {
  const opened = new Map<boolean, Agent>();
  return {
    get(verified) {
      const agent = opened.get(verified) ?? openAgent(guard, verified);
      opened.set(verified, agent);
      return agent;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...opened.values()].map((agent) => agent.destroy()));
    },
  };
}

function openAgent(guard: AddressGuard, verified: boolean): Agent {
  const connect = buildConnector({
    timeout: MAX_CONNECT_MS,
    allowH2: false,
    rejectUnauthorized: verified,
    lookup: guard.lookup,
  });
  return new Agent({
    connect(target, callback) {
      try {
        guard.checkHost(target.hostname);
      } catch (error) {
        return callback(error as Error, null);
      }
      return connect(target, callback);
    },
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The chain's own clock is the only one.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
