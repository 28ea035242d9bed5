import type { Figures } from "./figures.ts";
import type { SiteReport } from "./site-pages.ts";

/** What a crawler took for a crawl: CPU seconds with its start, and memory. */
export interface CrawlCost {
  cpuSeconds: number;
  peakMiB: number;
}

/**
 * The figures of a crawl of `pages` pages.
 *
 * @param stored how many pages the crawler says it has kept.
 * @throws Error unless every page was fetched and kept: half a crawl has no speed.
 */
export function crawlFigures(pages: number, stored: number, site: SiteReport, { cpuSeconds, peakMiB }: CrawlCost): Figures {
  if (site.pages !== pages || stored !== pages)
    throw new Error(`of ${pages} pages ${site.pages} were fetched and ${stored} stored; the crawl does not count`);
  return { pagesPerSecond: site.answers / site.seconds, cpuSecondsPer1000Pages: cpuSeconds / (pages / 1_000), peakMiB };
}
