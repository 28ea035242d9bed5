import type { Browser } from "puppeteer-core";
import { inMiB } from "../core/protocol/byte-units.ts";
import type { Log } from "../core/runtime/log.ts";
import { treeMemoryBytes } from "./process-memory.ts";
import type { RendererSettings } from "./settings.ts";
import { ChromiumStarter } from "./start-chromium.ts";

const CLOSE_MS = 3_000;
/** A look costs 25 ms of a core (measured with Chromium's 8 processes at 310 MiB). */
const WATCH_MS = 1_000;
/** How long the last pages of a Chromium that is to be replaced may delay all others. */
const RETIREMENT_MS = 20_000;
/** Above the limit by this much, running pages are not awaited: the kernel would soon kill the whole container. */
const HARD_LIMIT_FACTOR = 1.2;

/** One running Chromium. States: open → retired (takes no new pages, closes after its last or 20 s) → ended; a crash ends it from each. */
export interface Chromium {
  browser: Browser;
  /** Why it ended; undefined while it runs. */
  endReason: string | undefined;
  /** The pages that it had, if it was ended for its memory. */
  crowd: number | undefined;
}

interface Session extends Chromium {
  users: number;
  pages: number;
  isRetired: boolean;
  watch: NodeJS.Timeout;
  retirement: NodeJS.Timeout | undefined;
  ended: PromiseWithResolvers<void>;
}

/** Starts Chromium on demand. Replaces it before its memory runs out, after many pages, and after a crash. At most one runs. */
export class ChromiumKeeper implements AsyncDisposable {
  readonly #settings: RendererSettings;
  readonly #log: Log;
  readonly #starter: ChromiumStarter;
  readonly #proxyPort: () => Promise<number>;
  #session: Promise<Session> | undefined;
  #isClosed = false;

  constructor(settings: RendererSettings, log: Log, proxyPort: () => Promise<number>) {
    this.#settings = settings;
    this.#log = log;
    this.#starter = new ChromiumStarter(settings, log);
    this.#proxyPort = proxyPort;
  }

  /** A running Chromium, to be released by `release`. Rejects as `ChromiumStarter.start` does. */
  async acquire(): Promise<Chromium> {
    for (;;) {
      this.#session ??= this.#open();
      const session = await this.#session;
      if (!session.isRetired) {
        session.users++;
        return session;
      }
      await session.ended.promise;
    }
  }

  release(chromium: Chromium): void {
    const session = chromium as Session;
    session.users--;
    session.pages++;
    if (session.pages >= this.#settings.pagesPerBrowser) this.#retire(session, `${session.pages} pages`);
    else if (session.isRetired && session.users === 0) void this.#end(session, "retired");
  }

  /** Kills a Chromium that does not respond. */
  abandon(chromium: Chromium, reason: string): void {
    void this.#end(chromium as Session, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const session = await this.#session?.catch(() => undefined);
    if (session) await this.#end(session, "the renderer stops");
  }

  async #open(): Promise<Session> {
    try {
      const browser = await this.#starter.start(await this.#proxyPort());
      const watch = setInterval(() => this.#watchMemory(session), WATCH_MS);
      const ended = Promise.withResolvers<void>();
      const session: Session = {
        browser,
        endReason: undefined,
        crowd: undefined,
        users: 0,
        pages: 0,
        isRetired: this.#isClosed,
        watch,
        retirement: undefined,
        ended,
      };
      browser.once("disconnected", () => void this.#end(session, "it crashed"));
      return session;
    } catch (error) {
      this.#session = undefined;
      throw error;
    }
  }

  #watchMemory(session: Session): void {
    const bytes = treeMemoryBytes(session.browser.process()?.pid ?? 0) ?? 0;
    const { memoryLimitBytes } = this.#settings;
    if (bytes <= memoryLimitBytes) return;
    const reason = `it held ${inMiB(bytes)}, the limit is ${inMiB(memoryLimitBytes)}`;
    if (bytes <= memoryLimitBytes * HARD_LIMIT_FACTOR) this.#retire(session, reason);
    else {
      session.crowd = session.users;
      void this.#end(session, reason);
    }
  }

  #retire(session: Session, reason: string): void {
    if (!session.isRetired) {
      this.#log.info({ reason }, "Chromium will be replaced");
      session.retirement = setTimeout(() => void this.#end(session, `${reason}; its last pages took too long`), RETIREMENT_MS);
    }
    session.isRetired = true;
    if (session.users === 0) void this.#end(session, reason);
  }

  async #end(session: Session, reason: string): Promise<void> {
    if (session.endReason !== undefined) return session.ended.promise;
    session.endReason = reason;
    session.isRetired = true;
    clearInterval(session.watch);
    clearTimeout(session.retirement);
    if (session.users > 0) this.#log.warn({ reason, pages: session.users }, "Chromium ended under its pages");
    await closeBrowser(session.browser, session.users > 0);
    this.#session = undefined;
    session.ended.resolve();
  }
}

/** Kills immediately what hangs or is too large to be closed in order. */
async function closeBrowser(browser: Browser, atOnce: boolean): Promise<void> {
  const child = browser.process();
  const hasExited = child === null || child.exitCode !== null || child.signalCode !== null;
  const exited = hasExited ? Promise.resolve() : new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = () => child?.kill("SIGKILL");
  const timer = setTimeout(kill, atOnce ? 0 : CLOSE_MS);
  await browser.close().catch(() => {});
  await exited;
  clearTimeout(timer);
}
