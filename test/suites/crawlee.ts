import { join } from "node:path";
import { expect } from "./expect.ts";
import { NotOurs } from "./recorder.ts";
import { runTestFile } from "./run-javascript.ts";
import { sitemapOf } from "./sitemap.ts";
import type { Suite } from "./suite.ts";

type Body = string | Uint8Array;

const pages = new Map<string, Body>();
const patterns: [origin: string, path: RegExp, body: Body][] = [];

const pageAt = (url: string): Body | undefined =>
  pages.get(url) ?? patterns.find(([origin, path]) => url.startsWith(origin) && path.test(url))?.[2];

/** The part of nock with which the file describes its server. */
function nock(origin: string) {
  let path: string | RegExp = "";
  const server = {
    persist: () => server,
    filteringPath: () => server,
    head: () => server,
    delay: () => server,
    get(wanted: string | RegExp) {
      path = wanted;
      return server;
    },
    reply(status: number, body?: Body) {
      if (status !== 200 || body === undefined) return server;
      if (path instanceof RegExp) patterns.push([origin, path, body]);
      else pages.set(origin + path, body);
      return server;
    },
  };
  return server;
}

interface Options {
  enqueueStrategy?: string;
  nestedSitemapFilter?(url: string): boolean;
}

interface Item {
  loc: string;
  lastmod: Date | undefined;
  originSitemapUrl: string;
}

const OURS = new Set(["httpClient", "enqueueStrategy", "nestedSitemapFilter"]);

/** A script follows the sitemaps itself, and chooses the sites. */
function itemsOf(body: Body | undefined, url: string, options: Options): Item[] {
  if (Object.keys(options).some((name) => !OURS.has(name))) throw new NotOurs();
  const { urls, sitemaps } = (body !== undefined && sitemapOf(body, url)) || { urls: [], sitemaps: [] };
  const isOther = (one: { url: string }) => new URL(one.url).host !== new URL(url).host;
  if (options.enqueueStrategy !== "all" && [...urls, ...sitemaps].some(isOther)) throw new NotOurs();
  const days = urls.map(({ lastmod = "" }) => new Date(lastmod));
  const own = urls.map((one, index) => ({
    loc: one.url,
    lastmod: Number.isNaN(days[index]?.getTime()) ? undefined : days[index],
    originSitemapUrl: url,
  }));
  const wanted = sitemaps.filter((one) => options.nestedSitemapFilter?.(one.url) ?? true);
  return [...own, ...wanted.flatMap((one) => itemsOf(pageAt(one.url), one.url, options))];
}

const load = async (url: string, _proxy?: string, options: Options = {}) => ({
  urls: itemsOf(pageAt(url), url, options).map(({ loc }) => loc),
});

const HOME = "http://not-exists.com/";
const notOurs = () => {
  throw new NotOurs();
};

export const crawlee: Suite = {
  name: "Crawlee, sitemaps",
  repository: "apify/crawlee",
  version: "69a824b",
  needs: "packages/utils/test/sitemap.test.ts",
  run: (root) =>
    runTestFile(
      join(root, crawlee.needs),
      {
        nock: { default: Object.assign(nock, { cleanAll() {}, enableNetConnect() {}, disableNetConnect() {} }) },
        "@crawlee/http-client": { FetchHttpClient: class {} },
        "../src/internals/sitemap.js": {
          discoverValidSitemaps: notOurs,
          Sitemap: {
            load,
            tryCommonNames: notOurs,
            fromXmlString: async (text: string, _proxy?: string, options: Options = {}) => ({
              urls: itemsOf(text, HOME, options).map(({ loc }) => loc),
            }),
          },
          *parseSitemap(sources: { type: string; url: string; content: string }[], _proxy?: string, options: Options = {}) {
            for (const { type, url, content } of sources)
              yield* type === "raw" ? itemsOf(content, HOME, options) : itemsOf(pageAt(url), url, options);
          },
        },
      },
      { expect: Object.assign(expect, { objectContaining: notOurs, stringContaining: notOurs }), vi: { fn: notOurs } },
    ),
};
