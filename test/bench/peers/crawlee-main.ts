/** Crawlee's side of the comparison: the same crawl as script.ts. `node crawlee-main.ts FOLDER SEED`, with Crawlee installed in FOLDER; ends with one JSON line. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** The little of Crawlee that is used here; its own types are where it is installed. */
interface Crawlee {
  CheerioCrawler: new (options: object, configuration: object) => Crawler;
  Configuration: new (options: object) => object;
  log: { setLevel(level: number): void; LEVELS: { ERROR: number } };
}
interface Crawler {
  run(urls: string[]): Promise<unknown>;
  getDataset(): Promise<{ getInfo(): Promise<{ itemCount: number }> }>;
}
interface Context {
  $: (selector: string) => { text(): string };
  enqueueLinks(): Promise<{ processedRequests: unknown[] }>;
  pushData(row: object): Promise<void>;
  request: { loadedUrl: string };
}

const [, , folder = "", seed = ""] = process.argv;
const load = createRequire(join(folder, "package.json"));
const { CheerioCrawler, Configuration, log } = load("@crawlee/cheerio") as Crawlee;
const { MemoryStorage } = load("@crawlee/memory-storage") as { MemoryStorage: new (options: object) => object };

log.setLevel(log.LEVELS.ERROR);
const config = new Configuration({
  storageClient: new MemoryStorage({ persistStorage: false }),
  persistStorage: false,
  purgeOnStart: false,
});
const crawler = new CheerioCrawler(
  {
    // As fast as it goes: no ramp-up, no retries that nothing asks for, no sessions, no statistics in the log.
    minConcurrency: 50,
    maxConcurrency: 100,
    useSessionPool: false,
    async requestHandler({ $, request, enqueueLinks, pushData }: Context) {
      const anchors = [...($("a[href]") as unknown as Iterable<{ attribs: { href: string } }>)];
      const links = anchors.map(({ attribs }) => new URL(attribs.href, request.loadedUrl).href);
      await pushData({ url: request.loadedUrl, title: $("title").text(), links });
      await enqueueLinks();
    },
  },
  config,
);
await crawler.run([seed]);
const { itemCount } = await (await crawler.getDataset()).getInfo();
process.stdout.write(`${JSON.stringify({ stored: itemCount })}\n`);
