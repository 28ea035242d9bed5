import { createAddressGuard } from "../core/net/address-guard.ts";
import { parseProxy } from "../core/net/proxy/proxy.ts";
import { CrawlerError, toTaskError } from "../core/protocol/errors.ts";
import type { Page } from "../core/protocol/messages.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import type { Log } from "../core/runtime/log.ts";
import { type Chromium, ChromiumKeeper } from "./chromium.ts";
import { ChromiumGoneError, RenderError, RendererBusyError } from "./errors.ts";
import { type GuardProxy, openGuardProxy } from "./guard-proxy.ts";
import { IdleTabs, tabKey } from "./idle-tabs.ts";
import type { RenderRequest } from "./render-request.ts";
import { renderVisit } from "./render-visit.ts";
import type { RendererSettings } from "./settings.ts";
import { Slots } from "./slots.ts";
import { closeTab, emptyTab, openTab, type Tab, TabStuckError } from "./tab.ts";
import { TabAllowance } from "./tab-allowance.ts";
import { startVisit, type Visit } from "./visit.ts";

/** The status 599 means that no complete response arrived. */
const FAILED_STATUS = 599;
/** A page with less time left is not rendered again. */
const SHORTEST_RENDER_MS = 1_000;

/** Renders pages with Chromium. Chromium starts with the first page; disposing kills it. */
export interface Renderer extends AsyncDisposable {
  /**
   * The page once it has what its task waits for, as UTF-8; or the bytes of a download. Its time limit begins when it has a tab. A page that is not
   * ready by then has failed, as have others: status 599 and `error`.
   *
   * Rejects only with RendererBusyError: the queue is full, no tab became free within `TIME_LIMITS.renderQueueMs`, or `signal` aborted before.
   */
  render(request: RenderRequest, signal?: AbortSignal): Promise<Page>;
  /** Starts Chromium now. Rejects with NoChromiumError, ChromiumSandboxError or ChromiumStartError; after the last, a later page may succeed. */
  start(): Promise<void>;
  /** Pages that are rendered or waiting. */
  readonly activeCount: number;
}

/** Throws BadInputError if `settings.allowAddresses` contains an invalid range. */
export function createRenderer(settings: RendererSettings, log: Log): Renderer {
  return new ChromiumRenderer(settings, log);
}

class ChromiumRenderer implements Renderer {
  readonly #settings: RendererSettings;
  readonly #slots: Slots;
  readonly #allowance: TabAllowance;
  readonly #keeper: ChromiumKeeper;
  readonly #idleTabs = new IdleTabs();
  readonly #guard: ReturnType<typeof createAddressGuard>;
  #proxy: Promise<GuardProxy> | undefined;
  #activeCount = 0;

  constructor(settings: RendererSettings, log: Log) {
    this.#settings = settings;
    this.#guard = createAddressGuard(settings.allowAddresses);
    this.#slots = new Slots(settings.tabs, settings.maxWaiting);
    this.#allowance = new TabAllowance(settings.tabs);
    this.#keeper = new ChromiumKeeper(settings, log, async () => (await this.#openProxy()).port);
  }

  get activeCount(): number {
    return this.#activeCount;
  }

  async render(request: RenderRequest, signal?: AbortSignal): Promise<Page> {
    const start = performance.now();
    this.#activeCount++;
    try {
      if (!(await this.#slots.take({ waitMs: TIME_LIMITS.renderQueueMs, signal })))
        throw new RendererBusyError(this.#settings.tabs, this.#slots.waitingCount);
      const page = await this.#renderUntilAlone(request, signal);
      return { ...page, timeMs: performance.now() - start };
    } catch (error) {
      if (error instanceof RendererBusyError) throw error;
      return failedPage(request.url, error, performance.now() - start);
    } finally {
      this.#activeCount--;
    }
  }

  async start(): Promise<void> {
    this.#keeper.release(await this.#keeper.acquire());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeper[Symbol.asyncDispose]();
    await (await this.#proxy)?.[Symbol.asyncDispose]();
  }

  /**
   * In the slot that was taken. If Chromium's memory runs out, a page that has others beside it is rendered again with fewer, in the end alone, within
   * its time limit: most often it is not the cause.
   */
  async #renderUntilAlone(request: RenderRequest, signal: AbortSignal | undefined): Promise<Page> {
    for (const deadline = performance.now() + request.timeoutMs; ; ) {
      const timeoutMs = Math.ceil(deadline - performance.now());
      try {
        const page = await this.#renderInSlot({ ...request, timeoutMs });
        this.#slots.resize(this.#allowance.grow());
        return page;
      } catch (error) {
        if (!(error instanceof ChromiumGoneError) || error.crowd <= 1) throw error;
        const waitMs = deadline - performance.now() - SHORTEST_RENDER_MS;
        if (waitMs <= 0 || !(await this.#slots.take({ waitMs, signal, isFirst: true }))) throw error;
      }
    }
  }

  /** Frees the slot, once its tab is empty or closed. A good page does not wait for that; the next try of a failed one must not meet its remains. */
  async #renderInSlot(request: RenderRequest): Promise<Page> {
    await using after = new AsyncDisposableStack();
    after.defer(() => this.#slots.free());
    const chromium = await this.#keeper.acquire();
    after.defer(() => this.#keeper.release(chromium));
    const own = request.proxy === undefined ? undefined : await openGuardProxy(this.#guard, parseProxy(request.proxy));
    if (own) after.use(own);
    const start = performance.now();
    let visit: Visit | undefined;
    try {
      const tab = await this.#takeTab(chromium, request, own?.port);
      after.defer(() => this.#leaveTab(chromium, tab, visit, request));
      visit = await startVisit(tab, request);
      const page = await renderVisit(visit);
      void after.move().disposeAsync();
      return page;
    } catch (error) {
      if (error instanceof TabStuckError) this.#keeper.abandon(chromium, error.message);
      // Before the slot is free for others.
      if (chromium.crowd !== undefined) this.#slots.resize(this.#allowance.shrink(chromium.crowd));
      if (chromium.endReason !== undefined) throw new ChromiumGoneError(request.url, chromium.endReason, chromium.crowd);
      if (error instanceof CrawlerError) throw error;
      const cause = (own ?? (await this.#openProxy())).failureOf(visit?.askedUrl ?? request.url, start);
      throw cause instanceof CrawlerError ? cause : new RenderError(request.url, describeFailure(cause ?? error), error);
    }
  }

  async #takeTab({ browser }: Chromium, request: RenderRequest, proxyPort: number | undefined): Promise<Tab> {
    const key = tabKey(request);
    const idle = key === undefined ? undefined : this.#idleTabs.take(browser, key);
    if (idle) return idle;
    // Idle tabs of other projects must not take the memory of the one that is opened now.
    const oldest = this.#slots.takenCount + this.#idleTabs.size > this.#settings.tabs ? this.#idleTabs.takeOldest() : undefined;
    if (oldest) await closeTab(oldest);
    return await openTab(browser, proxyPort);
  }

  async #leaveTab(chromium: Chromium, tab: Tab, visit: Visit | undefined, request: RenderRequest): Promise<void> {
    const hasEnded = await visit?.end().then(
      () => true,
      () => false,
    );
    const key = tabKey(request);
    const isEmpty = key !== undefined && visit !== undefined && hasEnded && (await emptyTab(tab, visit.network.origins));
    if (isEmpty && this.#idleTabs.put(chromium.browser, key, tab)) return;
    if (!(await closeTab(tab))) this.#keeper.abandon(chromium, "a tab did not close");
  }

  #openProxy(): Promise<GuardProxy> {
    this.#proxy ??= openGuardProxy(this.#guard);
    return this.#proxy;
  }
}

/** `net::ERR_UNSAFE_PORT at http://…` without the address, which the message already contains. */
function describeFailure(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return failure.message.replace(/ at https?:.*$/s, "") || ((failure as NodeJS.ErrnoException).code ?? failure.name);
}

const failedPage = (url: string, error: unknown, timeMs: number): Page => ({
  url,
  origUrl: url,
  statusCode: FAILED_STATUS,
  headers: {},
  cookies: {},
  content: new Uint8Array(),
  timeMs,
  error: toTaskError(error),
});
