import { unzipPage } from "../../services/sdk/host.ts";
import { readSitemap, type Sitemap } from "../../services/sdk/sitemap.ts";
import { show } from "./host.ts";

/** A sitemap as `response.sitemap()` reads it, compressed or not. */
export function sitemapOf(body: string | Uint8Array, url: string): Sitemap | undefined {
  const bytes = Buffer.from(body);
  show(bytes);
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? unzipPage() : bytes.toString();
  return readSitemap(text.replace(/^\uFEFF/, ""), url);
}
