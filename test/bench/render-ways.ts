/** Ways to render a page that `render.bench.ts` compares. */
import puppeteer, { type Browser } from "puppeteer-core";
import { createLog } from "../../services/core/runtime/log.ts";
import { serveRole } from "../../services/core/runtime/role-server.ts";
import { findChromium } from "../../services/renderer/find-chromium.ts";
import { registerRenderRoute } from "../../services/renderer/render-route.ts";
import { createRenderer } from "../../services/renderer/renderer.ts";
import { rendererDefaults } from "../../services/renderer/settings.ts";

const chromiumPath = process.env.ORB_CHROMIUM_PATH;

export interface OpenWay extends AsyncDisposable {
  /** Renders the page in one of `tabs` tabs. Resolves with the bytes of its document. */
  render(url: string, tab: number): Promise<number>;
}

export interface RenderWay {
  name: string;
  open(tabs: number): Promise<OpenWay>;
}

export const chromiumWays: RenderWay[] = [
  { name: "renderer, pages of one project", open: (tabs) => openRenderer(tabs, "bench") },
  { name: "renderer, a tab a page", open: (tabs) => openRenderer(tabs, undefined) },
  { name: "puppeteer alone, tabs used again", open: openReusedTabs },
  { name: "puppeteer alone, a context a page", open: openContexts },
];

async function openRenderer(tabs: number, project: string | undefined): Promise<OpenWay> {
  const stack = new AsyncDisposableStack();
  const renderer = stack.use(createRenderer({ ...rendererDefaults, chromiumPath, tabs, pagesPerBrowser: 100_000, allowAddresses: ["127.0.0.0/8"] }, createLog("bench", "error")));
  const server = stack.use(
    await serveRole({ host: "127.0.0.1", port: 0, isConnected: () => true, register: (app) => registerRenderRoute(app, renderer) }),
  );
  return {
    async render(url) {
      const body = JSON.stringify({ url, project, timeoutMs: 60_000, maxBodyBytes: 2 ** 24 });
      const answer = await fetch(`http://127.0.0.1:${server.port}/render`, { method: "POST", headers: { "content-type": "application/json" }, body });
      const page = (await answer.json()) as { statusCode: number; content: string; error?: object };
      if (page.statusCode !== 200) throw new Error(JSON.stringify(page.error));
      return Buffer.from(page.content, "base64").length;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const launch = () =>
  puppeteer.launch({ executablePath: findChromium(chromiumPath, process.env.PATH ?? ""), headless: true, pipe: true, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });

async function openReusedTabs(tabs: number): Promise<OpenWay> {
  const browser = await launch();
  const pages = await Promise.all(Array.from({ length: tabs }, () => browser.newPage()));
  return {
    async render(url, tab) {
      const page = pages[tab]!;
      await page.goto(url);
      return Buffer.byteLength(await page.content());
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function openContexts(_tabs: number): Promise<OpenWay> {
  const browser: Browser = await launch();
  return {
    async render(url) {
      const context = await browser.createBrowserContext();
      try {
        const page = await context.newPage();
        await page.goto(url);
        return Buffer.byteLength(await page.content());
      } finally {
        await context.close();
      }
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
