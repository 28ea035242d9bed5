/** A crawl as one loop of undici and cheerio, nothing durable: `node bare-loop-main.ts SEED FILE` prints how many pages it wrote to FILE, a JSON line each. */
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { load } from "cheerio";
import { Agent, request } from "undici";

const CONCURRENCY = 32;

const [seed = "", file = ""] = process.argv.slice(2);
const dispatcher = new Agent({ connections: CONCURRENCY });
const output = createWriteStream(file);
const seen = new Set([seed]);
const queue = [seed];
let stored = 0;

async function crawlPage(url: string): Promise<void> {
  const { body } = await request(url, { dispatcher });
  const doc = load(await body.text());
  const links = [...doc("a[href]")].map((link) => new URL(link.attribs.href ?? "", url).href);
  for (const link of links) {
    if (seen.has(link)) continue;
    seen.add(link);
    queue.push(link);
  }
  output.write(`${JSON.stringify({ url, title: doc("title").text(), links })}\n`);
  stored++;
}

const running = new Set<Promise<void>>();
while (queue.length > 0 || running.size > 0) {
  while (queue.length > 0 && running.size < CONCURRENCY) {
    const page = crawlPage(queue.shift() ?? "").finally(() => running.delete(page));
    running.add(page);
  }
  await Promise.race(running);
}
await finished(output.end());
process.stdout.write(`${JSON.stringify({ stored })}\n`);
await dispatcher.close();
