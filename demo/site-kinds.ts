/** What each page of the synthetic site is like: decided by its number alone, so that a test knows every result before it crawls. */

/**
 * - `redirect`: `/page/N` answers 301, 302, 307 or 308 to `/moved/N`, which is the page.
 * - `slow`: takes `SLOW_MS`.
 * - `failsOnce` / `dropsOnce`: the first request gets a 500 / a closed connection, later ones the page.
 * - `missing` / `broken` / `resets`: 404 / 500 / a reset connection, for ever.
 * - `script`: the title, the heading and the links appear only when the page's script has run.
 * - `encoded`: not UTF-8, see `textEncoding`.
 */
export type PageKind = "plain" | "redirect" | "slow" | "failsOnce" | "dropsOnce" | "missing" | "broken" | "resets" | "script" | "encoded";

export const SLOW_MS = 200;

/** The kind of page `n`, a whole number from 1. Of 1,000 pages 12 fail for ever, 20 fail once, 20 are slow, 10 need a script. */
export function pageKind(n: number): PageKind {
  if (n % 250 === 101) return "missing";
  if (n % 250 === 151) return "broken";
  if (n % 250 === 201) return "resets";
  if (n % 100 === 17) return "failsOnce";
  if (n % 100 === 67) return "dropsOnce";
  if (n % 100 === 29) return "script";
  if (n % 50 === 7) return "redirect";
  if (n % 50 === 13) return "slow";
  if (n % 20 === 19) return "encoded";
  return "plain";
}

const FAILS_FOR_EVER: ReadonlySet<PageKind> = new Set(["missing", "broken", "resets"]);

/** Whether page `n` gives no result however often it is tried. */
export const failsForEver = (n: number) => FAILS_FOR_EVER.has(pageKind(n));

const REDIRECTS = [301, 302, 307, 308] as const;

/** The status with which a `redirect` page sends its visitor on; pages 7, 57, 107 and 157 have one each. */
export const redirectStatus = (n: number) => REDIRECTS[Math.floor(n / 50) % REDIRECTS.length] ?? 302;

const CHARSETS = ["windows-1251", "shift_jis", "gb18030"] as const;
const DECLARATIONS = ["header", "meta", "nowhere"] as const;
export interface TextEncoding {
  charset: (typeof CHARSETS)[number] | "utf-8";
  /** Where the page says so. */
  declared: (typeof DECLARATIONS)[number];
}

/** Charset of page `n` and where it is declared. The `encoded` pages among the first 200 have every combination. */
export function textEncoding(n: number): TextEncoding {
  if (pageKind(n) !== "encoded") return { charset: "utf-8", declared: "header" };
  const turn = Math.floor(n / 20);
  return {
    charset: CHARSETS[turn % 3] ?? "windows-1251",
    declared: DECLARATIONS[Math.floor(turn / 3) % 3] ?? "header",
  };
}

const CODINGS = [undefined, "gzip", "br", "deflate", undefined, undefined, undefined, undefined, undefined, undefined] as const;

/** The Content-Encoding of page `n` for a client that accepts it: three in ten are compressed. */
export const contentCoding = (n: number) => CODINGS[n % CODINGS.length];

const WORDS = { "utf-8": "Page", "windows-1251": "Страница", shift_jis: "ページ", gb18030: "页面" } as const;

/** `7 -> "Page 7"`, `19 -> "Страница 19"`: the page's `<title>` and `<h1>` (of a `script` page: once its script has run). */
export const pageTitle = (n: number) => `${WORDS[textEncoding(n).charset]} ${n}`;

/** What a `script` page is called until its script has run. */
export const UNSCRIPTED_TITLE = "Loading";

const FIRST_PAGES = 20;
const CHILDREN = 10;

/** The pages that `/` links to. */
export const firstPages = (pages: number) => range(1, Math.min(FIRST_PAGES, pages));

/**
 * The pages that page `n` links to: its own ten children and those of page n-1, or some others where these end.
 *
 * So each page after the first 20 is linked from two neighbours. Of two neighbours never both fail or need a script, so all pages can be reached without either.
 */
export function linksOf(n: number, pages: number): number[] {
  const end = FIRST_PAGES + n * CHILDREN;
  const links = range(end - 2 * CHILDREN + 1, Math.min(end, pages)).filter((page) => page > FIRST_PAGES);
  for (let i = 0; links.length < Math.min(2 * CHILDREN, pages); i++) links.push(((n * 7 + i * 13) % pages) + 1);
  return links;
}

const range = (first: number, last: number) => Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

export interface ExpectedPage {
  number: number;
  /** The address that others link to. */
  path: string;
  /** The address after redirects. */
  finalPath: string;
  /** As a browser shows it. */
  title: string;
  /** As a crawler without a browser sees it. */
  plainTitle: string;
}

/** Every page that a full crawl with retries must store, in the order of their numbers; the others always fail. */
export function expectedPages(pages: number): ExpectedPage[] {
  return range(1, pages)
    .filter((n) => !failsForEver(n))
    .map((n) => ({
      number: n,
      path: `/page/${n}`,
      finalPath: pageKind(n) === "redirect" ? `/moved/${n}` : `/page/${n}`,
      title: pageTitle(n),
      plainTitle: pageKind(n) === "script" ? UNSCRIPTED_TITLE : pageTitle(n),
    }));
}
