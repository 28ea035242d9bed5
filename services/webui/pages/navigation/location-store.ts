/** The address bar as a store: pages react to it, and a page may ask before the user leaves it. */

let current = addressOf(window.location);
let mayLeave: () => boolean = () => true;
const listeners = new Set<() => void>();

/** `/projects/books?line=3` */
export const readAddress = (): string => current;

export function subscribeToAddress(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Navigates to another page, unless the user chooses to stay. */
export function navigate(address: string): void {
  if (open(address)) window.scrollTo(0, 0);
}

/** Navigates to the same page with something beside it: what the page shows stays where it is. */
export function openBeside(address: string): void {
  open(address);
}

function open(address: string): boolean {
  if (address !== current && !mayLeave()) return false;
  if (address !== current) window.history.pushState(null, "", address);
  show(address);
  return true;
}

/** Shows the same page with other settings in its address, without a new entry in the history. */
export function replaceAddress(address: string): void {
  window.history.replaceState(null, "", address);
  show(address);
}

/** While a page has a `guard`, it is called before the page is left. Returns a function that removes the guard. */
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
