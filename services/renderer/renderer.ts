import { createAddressGuard } from "../core/net/address-guard.ts";
import { parseProxy } from "../core/net/proxy/proxy.ts";
import { CrawlerError, toTaskError } from "../core/protocol/errors.ts";
import type { Page } from "../core/protocol/messages.ts";
import type { Log } from "../core/runtime/log.ts";
import { type Chromium, ChromiumKeeper } from "./chromium.ts";
import { ChromiumGoneError, RenderError, RendererBusyError, RenderTimeoutError } from "./errors.ts";
import { type GuardProxy, openGuardProxy } from "./guard-proxy.ts";
import type { RenderRequest } from "./render-request.ts";
import type { RendererSettings } from "./settings.ts";
import { Slots } from "./slots.ts";
import { closeTab, openTab, renderInTab, type Tab, TabStuckError } from "./tab.ts";

/** The status 599 means that no complete response arrived. */
const FAILED_STATUS = 599;

/** Renders pages with Chromium. Chromium starts with the first page; disposing kills it. */
export interface Renderer extends AsyncDisposable {
  /**
   * The page once it has loaded and its network is idle, as UTF-8; or its state at the time limit. Failures become status 599 and `error`.
   *
   * Rejects only with RendererBusyError.
   */
  render(request: RenderRequest): Promise<Page>;
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
  readonly #keeper: ChromiumKeeper;
  readonly #guard: ReturnType<typeof createAddressGuard>;
  #proxy: Promise<GuardProxy> | undefined;
  #activeCount = 0;

  constructor(settings: RendererSettings, log: Log) {
    this.#settings = settings;
    this.#guard = createAddressGuard(settings.allowAddresses);
    this.#slots = new Slots(settings.tabs, settings.maxWaiting);
    this.#keeper = new ChromiumKeeper(settings, log, async () => (await this.#openProxy()).port);
  }

  get activeCount(): number {
    return this.#activeCount;
  }

  async render(request: RenderRequest): Promise<Page> {
    const start = performance.now();
    this.#activeCount++;
    try {
      const page = await this.#renderInTurn(request, start + request.timeoutMs);
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

  async #renderInTurn(request: RenderRequest, deadline: number): Promise<Page> {
    if (!(await this.#slots.take(request.timeoutMs))) {
      if (performance.now() < deadline) throw new RendererBusyError(this.#settings.tabs, this.#slots.waitingCount);
      throw new RenderTimeoutError(request.url, request.timeoutMs, "no tab became free");
    }
    try {
      const chromium = await this.#keeper.acquire();
      if (performance.now() >= deadline) {
        this.#keeper.release(chromium);
        throw new RenderTimeoutError(request.url, request.timeoutMs, "Chromium was being replaced");
      }
      return await this.#renderIn(chromium, request, deadline).finally(() => this.#keeper.release(chromium));
    } finally {
      this.#slots.free();
    }
  }

  async #renderIn(chromium: Chromium, request: RenderRequest, deadline: number): Promise<Page> {
    const start = performance.now();
    let tab: Tab | undefined;
    await using own = request.proxy === undefined ? undefined : await openGuardProxy(this.#guard, parseProxy(request.proxy));
    try {
      tab = await openTab(chromium.browser, request, own?.port);
      return await renderInTab(tab, request, deadline);
    } catch (error) {
      if (error instanceof TabStuckError) this.#keeper.abandon(chromium, error.message);
      if (chromium.endReason !== undefined) throw new ChromiumGoneError(request.url, chromium.endReason);
      if (error instanceof CrawlerError) throw error;
      const cause = (own ?? (await this.#openProxy())).failureOf(tab?.askedUrl ?? request.url, start);
      throw cause instanceof CrawlerError ? cause : new RenderError(request.url, describeFailure(cause ?? error), error);
    } finally {
      if (tab && !(await closeTab(tab))) this.#keeper.abandon(chromium, "a tab did not close");
    }
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
