/** What a script imports as "orbweaver". Everything below it runs inside the sandbox, so it uses the language alone: no Node, no DOM. */
export type { FetchOptions } from "../core/task.ts";
export type { CrawlConfig, CrawlOptions, ProjectConfig } from "./api/crawl-options.ts";
export { Crawler, type Task } from "./api/crawler.ts";
export { catchStatusCodeError, config, cron, every } from "./api/decorators.ts";
export type { Duration } from "./api/duration.ts";
export type { LinkElement } from "./api/link-element.ts";
export type { Response } from "./api/response.ts";
export type { Sitemap, SitemapEntry } from "./api/sitemap.ts";
