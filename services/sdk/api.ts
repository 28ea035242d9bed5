/** What a script imports as "orbweaver". All of it runs inside the sandbox, so it uses only the language: no Node, no DOM. */
export type { FetchOptions } from "../core/protocol/fetch-options.ts";
export type { MarkupParser } from "../core/protocol/task.ts";
export { decodeText, encodeText, type HashAlgorithm, hash } from "./codecs.ts";
export type { CrawlConfig, CrawlOptions, ProjectConfig } from "./crawl-options.ts";
export { Crawler, type Task } from "./crawler.ts";
export { catchStatusCodeError, config, cron, every } from "./decorators.ts";
export { parseDocument } from "./document.ts";
export type { Duration } from "./duration.ts";
export { parseJson } from "./exact-json.ts";
export type { Fields, FieldValue } from "./fields.ts";
export type { Entries, FormChoices, FormRequest } from "./form.ts";
export { encodeForm } from "./form-encoding.ts";
export type { LinkElement } from "./link-element.ts";
export type { Response } from "./response.ts";
export type { ScopeOptions, UrlPattern } from "./scope.ts";
export type { Sitemap, SitemapEntry } from "./sitemap.ts";
