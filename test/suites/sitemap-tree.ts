import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runPython } from "./python.ts";
import { OTHER, Recorder } from "./recorder.ts";
import { sitemapOf } from "./sitemap.ts";
import type { Suite } from "./suite.ts";

const FOLDER = "tests/tree";
const FILES = ["basic", "edges", "from_str", "plain_text", "robots", "rss_atom", "xml", "xml_exts"];

interface Tree {
  url: string;
  pages: { url: string }[];
  sub_sitemaps: Tree[];
  all_pages(): { url: string }[];
  all_sitemaps(): Tree[];
  to_dict: unknown;
}

/** The sitemaps that can be reached from a robots.txt, as a script would follow them. */
export const sitemapTrees: Suite = {
  name: "ultimate-sitemap-parser",
  repository: "GateNLP/ultimate-sitemap-parser",
  version: "6ab7704",
  needs: `${FOLDER}/test_xml.py`,
  run(root) {
    const recorder = new Recorder();
    for (const file of FILES) {
      const pages = new Map<string, string | Uint8Array>();
      const requests = {
        add_matcher: () => pages.clear(),
        get(url: string, ...rest: unknown[]) {
          const body = rest.find((one) => typeof one === "string" || one instanceof Uint8Array);
          if (body !== undefined) pages.set(url, body as string | Uint8Array);
        },
      };
      const others =
        "IndexRobotsTxtSitemap IndexWebsiteSitemap IndexXMLSitemap PagesXMLSitemap PagesTextSitemap PagesRSSSitemap PagesAtomSitemap InvalidSitemap";
      const more =
        "SitemapNewsStory SitemapPageChangeFrequency SitemapImage datetime difflib Decimal isinstance all str type parse_iso8601_date parse_rfc2822_date print";
      const names = Object.fromEntries(`${others} ${more}`.split(" ").map((name) => [name, OTHER]));
      runPython(
        readFileSync(join(root, FOLDER, `test_${file}.py`), "utf8"),
        recorder,
        {
          ...names,
          requests_mock: requests,
          TreeTestBase: OTHER,
          caplog: OTHER,
          textwrap: { dedent: (text: string) => text },
          gzip: (text: string) => gzipSync(text),
          len: (list: unknown) => (list === OTHER ? OTHER : (list as unknown[]).length),
          list: (list: unknown) => list,
          SitemapPage: (url: unknown) => ({ url }),
          sitemap_tree_for_homepage: (home: string) => treeOf(home, [read(pages, `${home.replace(/\/$/, "")}/robots.txt`)]),
          sitemap_from_str: (text: string) => read(new Map([[HOME, text]]), HOME),
        },
        {
          TEST_BASE_URL: HOME,
          TEST_DATE_STR_ISO8601: "2009-12-17T12:04:56+02:00",
          TEST_DATE_STR_RFC2822: "Thu, 17 Dec 2009 12:04:56 +0200",
        },
      );
    }
    return recorder.outcomes;
  },
};

const MAX_DEPTH = 11;
const HOME = "http://test_ultimate-sitemap-parser.com";

function treeOf(url: string, trees: Tree[], pages: { url: string }[] = []): Tree {
  return {
    url,
    pages,
    to_dict: OTHER,
    sub_sitemaps: trees,
    all_pages: () => [...pages, ...trees.flatMap((tree) => tree.all_pages())],
    all_sitemaps: () => trees.flatMap((tree) => [tree, ...tree.all_sitemaps()]),
  };
}

/** @param above its parents, which it may not contain again. */
function read(pages: Map<string, string | Uint8Array>, url: string, above: string[] = []): Tree {
  const body = above.includes(url) || above.length > MAX_DEPTH ? undefined : pages.get(url);
  const { urls, sitemaps } = (body !== undefined && sitemapOf(body, url)) || { urls: [], sitemaps: [] };
  return treeOf(
    url,
    sitemaps.map((one) => read(pages, one.url, [...above, url])),
    urls,
  );
}
