/** The bytes of the synthetic site's pages. */
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import {
  contentCoding,
  firstPages,
  linksOf,
  pageKind,
  pageTitle,
  type TextEncoding,
  textEncoding,
  UNSCRIPTED_TITLE,
} from "./site-kinds.ts";

const PROSE: Record<TextEncoding["charset"], string> = {
  "utf-8": "A spider that loses its thread spins another, and the garden is as quiet as it was before the rain. ",
  "windows-1251": "Паук, потерявший нить, прядёт другую, и сад так же тих, каким он был до дождя, когда все ещё спали. ",
  shift_jis: "糸をなくした蜘蛛はまた新しい糸を紡ぎ、庭は雨が降る前と同じように静かになります。みんなはまだ眠っています。",
  gb18030: "丢了丝线的蜘蛛又织起一张新网，花园安静得像下雨之前一样，大家都还在睡觉，谁也没有听见。",
};

/** Real pages of articles are larger, those of lists smaller; 5 KB is what the throughput figures are quoted for. */
const PAGE_CHARACTERS = 5_000;

const proseCache = new Map<string, string>();

function proseOf(charset: TextEncoding["charset"]): string {
  const cached = proseCache.get(charset);
  if (cached !== undefined) return cached;
  const sentence = PROSE[charset];
  const paragraph = `<p>${sentence.repeat(4)}</p>\n`;
  const text = paragraph.repeat(Math.ceil((PAGE_CHARACTERS - 1_200) / paragraph.length));
  proseCache.set(charset, text);
  return text;
}

const anchors = (numbers: number[]) => numbers.map((number) => `<li><a href="/page/${number}">Page ${number}</a></li>`).join("\n");

/** The HTML of `/`. */
export const homeHtml = (pages: number) =>
  `<!doctype html>\n<html><head><meta charset="utf-8"><title>Home</title></head><body><h1>Home</h1>\n<ul>${anchors(firstPages(pages))}</ul></body></html>\n`;

/** The HTML of page `n` as text; about 5,000 characters and 20 links. */
export function pageHtml(n: number, pages: number): string {
  const { charset, declared } = textEncoding(n);
  const meta = declared === "meta" ? `<meta charset="${charset}">` : "";
  const links = anchors(linksOf(n, pages));
  if (pageKind(n) === "script") return scriptedHtml(n, links);
  const title = pageTitle(n);
  return `<!doctype html>
<html><head>${meta}<title>${title}</title></head><body><h1>${title}</h1>
${proseOf(charset)}<ul>${links}</ul></body></html>
`;
}

/** The data that the script of page `n` loads before it shows anything. */
export const pageData = (n: number) => JSON.stringify({ title: pageTitle(n) });

const scriptedHtml = (n: number, links: string) => `<!doctype html>
<html><head><title>${UNSCRIPTED_TITLE}</title></head><body><h1>${UNSCRIPTED_TITLE}</h1><ul></ul>
<script>
fetch("/data/${n}").then((answer) => answer.json()).then(({ title }) => {
  document.title = title;
  document.querySelector("h1").textContent = title;
  document.querySelector("ul").innerHTML = ${JSON.stringify(links)};
});
</script></body></html>
`;

/** Page `n` as it travels: encoded, then compressed if the client accepts that. */
export function pageBody(n: number, pages: number, acceptEncoding: string): { body: Buffer; headers: Record<string, string> } {
  const { charset, declared } = textEncoding(n);
  const headers: Record<string, string> = { "content-type": declared === "header" ? `text/html; charset=${charset}` : "text/html" };
  const text = pageHtml(n, pages);
  const plain = charset === "utf-8" ? Buffer.from(text) : iconv.encode(text, charset);
  const coding = contentCoding(n);
  if (!coding || !acceptEncoding.includes(coding)) return { body: plain, headers };
  return { body: compress[coding](plain), headers: { ...headers, "content-encoding": coding } };
}

// The site must cost less than the crawler that is measured against it: lowest levels.
const compress = {
  gzip: (plain: Buffer) => gzipSync(plain, { level: 1 }),
  br: (plain: Buffer) => brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  deflate: (plain: Buffer) => deflateSync(plain, { level: 1 }),
};
