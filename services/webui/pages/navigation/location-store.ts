/** The address bar as a store: pages change by it, and a page may ask before it is left. */

let current = addressOf(window.location);
let mayLeave: () => boolean = () => true;
const listeners = new Set<() => void>();

/** `/projects/books?line=3` */
export const readAddress = (): string => current;

export function subscribeToAddress(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Goes to another page, unless the present one is not to be left. */
export function navigate(address: string): void {
  if (address !== current && !mayLeave()) return;
  if (address !== current) window.history.pushState(null, "", address);
  show(address);
  window.scrollTo(0, 0);
}

/** While a page has `guard` set, it is asked before the page is left. Returns what takes the guard away. */
export function guardLeaving(guard: () => boolean): () => void {
  mayLeave = guard;
  return () => {
    mayLeave = () => true;
  };
}

window.addEventListener("popstate", () => {
  const wanted = addressOf(window.location);
  if (mayLeave()) return show(wanted);
  window.history.pushState(null, "", current);
});

function show(address: string): void {
  current = address;
  for (const listener of listeners) listener();
}

function addressOf({ pathname, search }: Location): string {
  return pathname + search;
}
