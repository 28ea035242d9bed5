/** The ways to render pages that `render.bench.ts` compares. */
import puppeteer, { type Browser } from "puppeteer-core";
import { createLog } from "../../services/core/runtime/log.ts";
import { serveRole } from "../../services/core/runtime/role-server.ts";
import { chromiumArguments } from "../../services/renderer/chromium-arguments.ts";
import { findChromium } from "../../services/renderer/find-chromium.ts";
import { registerRenderRoute } from "../../services/renderer/render-route.ts";
import { createRenderer } from "../../services/renderer/renderer.ts";
import { rendererDefaults } from "../../services/renderer/settings.ts";
import { LOOPBACK } from "../fixtures/fetching.ts";

const chromiumPath = process.env.ORB_CHROMIUM_PATH;
/** No sample has as many. */
const PAGES_PER_BROWSER = 1_000_000;

export interface OpenWay extends AsyncDisposable {
  /** Renders the page in one of the tabs, counted from 0, and resolves with the bytes of its document. */
  render(url: string, tab: number): Promise<number>;
}

export interface RenderWay {
  name: string;
  open(tabs: number): Promise<OpenWay>;
}

export const RENDER_WAYS: RenderWay[] = [
  { name: "our renderer, pages of one project", open: openRenderer },
  { name: "puppeteer alone, tabs used again", open: openTabs },
  { name: "puppeteer alone, a context a page", open: openContexts },
];

/** Over its route, as the fetcher does. */
async function openRenderer(tabs: number): Promise<OpenWay> {
  await using opening = new AsyncDisposableStack();
  const settings = { ...rendererDefaults, chromiumPath, tabs, pagesPerBrowser: PAGES_PER_BROWSER, allowAddresses: LOOPBACK };
  const renderer = opening.use(createRenderer(settings, createLog("bench", "error")));
  const register = (app: Parameters<typeof registerRenderRoute>[0]) => registerRenderRoute(app, renderer);
  const { port } = opening.use(await serveRole({ host: "127.0.0.1", port: 0, isConnected: () => true, register }));
  const stack = opening.move();
  return {
    async render(url) {
      const body = JSON.stringify({ url, project: "bench", timeoutMs: 600_000, maxBodyBytes: 2 ** 24 });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`http://127.0.0.1:${port}/render`, { method: "POST", headers, body });
      const page = (await answer.json()) as { content: string; error?: { message: string } };
      if (page.error) throw new Error(page.error.message);
      return Buffer.from(page.content, "base64").length;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** With the renderer's flags, except for its proxy. */
function launch(): Promise<Browser> {
  const isRoot = process.getuid?.() === 0;
  const args = chromiumArguments({ proxyPort: 0, hasSandbox: !isRoot }).filter((flag) => !/proxy|resolver/.test(flag));
  return puppeteer.launch({ executablePath: findChromium(chromiumPath, process.env.PATH ?? ""), headless: true, pipe: true, args });
}

async function openTabs(tabs: number): Promise<OpenWay> {
  const browser = await launch();
  const pages = await Promise.all(Array.from({ length: tabs }, () => browser.newPage()));
  return {
    async render(url, tab) {
      const page = pages[tab];
      await page?.goto(url, { timeout: 0 });
      return Buffer.byteLength((await page?.content()) ?? "");
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function openContexts(): Promise<OpenWay> {
  const browser = await launch();
  return {
    async render(url) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.goto(url, { timeout: 0 });
      const html = await page.content();
      await context.close();
      return Buffer.byteLength(html);
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
