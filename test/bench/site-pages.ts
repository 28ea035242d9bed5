/** The bench site's answers, made once so that answering costs almost nothing, and the site's count of a crawl. */
import { firstPages, linksOf } from "../../demo/site-kinds.ts";

const PAGE_BYTES = 5_000;
const SENTENCE = "A spider that loses its thread spins another, and the garden is as quiet as it was before the rain. ";

/** What a crawl looked like from the site. */
export interface SiteReport {
  /** Pages sent, those sent twice counted twice. */
  answers: number;
  /** Distinct ones. */
  pages: number;
  /** From the first answer to the last. */
  seconds: number;
}

/** Every path of a site of `pages` pages with the whole HTTP/1.1 answer to it: `/` is the seed, each page has 5 KB and 20 links to others. */
export function siteAnswers(pages: number): Map<string, Buffer> {
  const answers = new Map([["/", okAnswer(pageHtml("Home", firstPages(pages - 1)))]]);
  for (let n = 1; n < pages; n++) answers.set(`/page/${n}`, okAnswer(pageHtml(`Page ${n}`, linksOf(n, pages - 1))));
  return answers;
}

export const NOT_FOUND = Buffer.from("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

const okAnswer = (body: string) =>
  Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

function pageHtml(title: string, links: number[]): string {
  const items = links.map((n) => `<li><a href="/page/${n}">Page ${n}</a></li>`).join("\n");
  const start = `<!doctype html>\n<html><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>\n`;
  const end = `<ul>${items}</ul></body></html>\n`;
  const paragraphs = Math.max(0, Math.floor((PAGE_BYTES - start.length - end.length) / (4 * SENTENCE.length + 8)));
  return `${start}${`<p>${SENTENCE.repeat(4)}</p>\n`.repeat(paragraphs)}${end}`;
}
