import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SitemapEntry } from "../../services/sdk/sitemap.ts";
import { readCode, runCode, withStrings } from "./foreign-source.ts";
import { bytesOf, javaNames, testsOf } from "./java.ts";
import { NotOurs, OTHER, Recorder } from "./recorder.ts";
import { sitemapOf } from "./sitemap.ts";
import type { Suite } from "./suite.ts";

const SOURCES = "src/test/java/crawlercommons/sitemaps";

/** A sitemap as crawler-commons has it; what we do not read is not asked. */
const withOther = (known: Record<string, unknown>, prototype: object): unknown =>
  new Proxy(Object.assign(Object.create(prototype), known), {
    get: (target, name) => (name in target ? Reflect.get(target, name) : OTHER),
  });

const notOurs = () => {
  throw new NotOurs();
};

class SiteMap {
  getBaseUrl = notOurs;
}
class SiteMapIndex {}

/** A date with the methods of Java's. */
class Day {
  text: string;
  constructor(text: string) {
    this.text = text;
  }
  toInstant() {
    return OTHER;
  }
}

const entry = ({ url, lastmod }: SitemapEntry) =>
  withOther({ getUrl: () => url, getLastModified: () => (lastmod === undefined ? null : new Day(lastmod)) }, Object.create(null));

function parseSiteMap(...given: unknown[]): unknown {
  const [content, url] = given.slice(-2) as [string | Uint8Array, string];
  const bytes = bytesOf(content);
  const sitemap = sitemapOf(bytes, url);
  if (!sitemap) throw new Error("UnknownFormatException");
  const isIndex = sitemap.sitemaps.length > 0 || (sitemap.urls.length === 0 && /<sitemapindex/.test(Buffer.from(bytes).toString()));
  const entries = (isIndex ? sitemap.sitemaps : sitemap.urls).map(entry);
  const list = Object.assign(entries, { iterator: () => ({ next: iterate(entries) }), toArray: () => entries });
  const find = (wanted: string) => entries.find((one) => Reflect.get(one as object, "getUrl")() === wanted);
  return withOther(
    { isIndex: () => isIndex, getSiteMapUrls: () => list, getSitemaps: () => list, getSitemap: find },
    (isIndex ? SiteMapIndex : SiteMap).prototype,
  );
}

const iterate = (entries: unknown[]) => {
  let at = 0;
  return () => entries[at++] ?? OTHER;
};

export const commonsSitemaps: Suite = {
  name: "crawler-commons, sitemaps",
  repository: "crawler-commons/crawler-commons",
  version: "8e14e27",
  needs: `${SOURCES}/SiteMapParserTest.java`,
  run(root) {
    const recorder = new Recorder();
    const Parser = Object.assign(
      class {
        parseSiteMap = parseSiteMap;
        setStrictNamespace = notOurs;
        setURLFilter = notOurs;
        setAllowDocTypeDefinitions() {}
        enableExtension() {}
        walkSiteMap() {}
      },
      { urlIsValid: OTHER },
    );
    for (const file of ["SiteMapParserTest", "SiteMapParserExtensionTest"]) {
      const code = readCode(readFileSync(join(root, SOURCES, `${file}.java`), "utf8"), "java");
      const sample = sampleOf(withStrings(code, code.text));
      const names = {
        ...javaNames(recorder),
        SiteMapParser: Parser,
        SiteMap: Object.assign(SiteMap, { convertToDate: (date: string) => new Day(date) }),
        SiteMapIndex,
        AbstractSiteMap: OTHER,
        AbstractSiteMapTest: OTHER,
        SitemapType: OTHER,
        SiteMapURL: OTHER,
        Extension: OTHER,
        VideoAttributes: OTHER,
        ImageAttributes: OTHER,
        LinkAttributes: OTHER,
        NewsAttributes: OTHER,
        PageMap: OTHER,
        PageMapDataObject: OTHER,
        assertSame: OTHER,
        BasicURLNormalizer: OTHER,
        File: OTHER,
        Assertions: { assertThrows: javaNames(recorder).assertThrows },
        UnknownFormatException: OTHER,
        ArrayList: OTHER,
        validateSiteMapUrl: OTHER,
        SITEMAP_URLS: sample,
        getResourceAsBytes: (path: string) => readFileSync(join(root, path)),
        getXMLSitemapAsBytes: (start: unknown = "") => sampleSitemap(String(start), sample),
        parse: (_: unknown, path: string, url: string) => parseSiteMap(readFileSync(join(root, path)), url),
      };
      for (const test of testsOf(code)) {
        recorder.begin(`${file}.${test.name}`);
        runCode(test.code, names, recorder);
      }
    }
    return recorder.outcomes;
  },
};

/** The rows of the suite's example sitemap: address, date. */
const sampleOf = (source: string): (string | null)[][] => {
  const [, rows] = /String\[\]\[\] SITEMAP_URLS = \{(.*?)\};/s.exec(source) ?? [];
  return rows ? JSON.parse(`[${rows.replaceAll("{", "[").replaceAll("}", "]")}]`) : [];
};

const sampleSitemap = (start: string, rows: (string | null)[][]) =>
  `${start}<?xml version="1.0"?><urlset>${rows.map(([loc, date]) => `<url><loc>${loc}</loc>${date ? `<lastmod>${date}</lastmod>` : ""}</url>`).join("")}</urlset>`;
