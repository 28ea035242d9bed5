import { useMemo, useSyncExternalStore } from "react";
import { readAddress, subscribeToAddress } from "./location-store.ts";
import { type Route, routeAt } from "./route.ts";

/** The page to show now. */
export function useRoute(): Route {
  const address = useSyncExternalStore(subscribeToAddress, readAddress);
  return useMemo(() => routeAt(address), [address]);
}
