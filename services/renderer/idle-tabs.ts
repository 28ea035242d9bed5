/** Tabs that wait for the next page of their project. */
import type { Browser } from "puppeteer-core";
import type { RenderRequest } from "./render-request.ts";
import type { Tab } from "./tab.ts";

/** Frames, workers and leaks of earlier pages end with their tab. */
const MAX_PAGES = 50;

/**
 * Of which pages a tab may be used; undefined if of no other. Pages of one key share a tab's process and connections, one after the other. So a
 * task's own proxy, an untrusted certificate, or a password of a URL, which connections remember, make it a tab for one page.
 */
export function tabKey({ project, proxy, validateCert, url }: RenderRequest): string | undefined {
  const hasPassword = new URL(url).username !== "";
  return project === undefined || proxy !== undefined || !validateCert || hasPassword ? undefined : project;
}

interface IdleTab {
  browser: Browser;
  key: string;
  tab: Tab;
}

/** Idle tabs, the last used first. Bounded by its caller. */
export class IdleTabs {
  #tabs: IdleTab[] = [];
  readonly #pages = new WeakMap<Tab, number>();

  get size(): number {
    return this.#tabs.length;
  }

  /** A tab of this browser and key, if one is idle. Tabs of browsers that have ended are forgotten. */
  take(browser: Browser, key: string): Tab | undefined {
    this.#tabs = this.#tabs.filter((idle) => idle.browser === browser && !idle.tab.page.isClosed());
    const at = this.#tabs.findLastIndex((idle) => idle.key === key);
    return at === -1 ? undefined : this.#tabs.splice(at, 1)[0]?.tab;
  }

  /** Takes the tab that has been idle for longest. */
  takeOldest(): Tab | undefined {
    return this.#tabs.shift()?.tab;
  }

  /** Keeps an empty tab. False: it has shown its maximum of pages and is to be closed. */
  put(browser: Browser, key: string, tab: Tab): boolean {
    const pages = (this.#pages.get(tab) ?? 0) + 1;
    this.#pages.set(tab, pages);
    if (pages >= MAX_PAGES) return false;
    this.#tabs.push({ browser, key, tab });
    return true;
  }
}
