import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sitemap } from "../../services/sdk/sitemap.ts";
import { Recorder } from "./recorder.ts";
import { sitemapOf } from "./sitemap.ts";
import type { Suite } from "./suite.ts";

/** Files with the links of one list; `foo` elements among them change nothing. */
const FILES: [file: string, list: keyof Sitemap, expected: string][] = [
  ["alltags.xml", "urls", "sampleconfig.normalized.json"],
  ["alltags.cdata.xml", "urls", "sampleconfig.normalized.json"],
  ["bad-tag-sitemap.xml", "urls", "sampleconfig.normalized.json"],
  ["alltags-index.xml", "sitemaps", "sampleconfig-index.normalized.json"],
  ["alltags-index.cdata.xml", "sitemaps", "sampleconfig-index.normalized.json"],
  ["bad-tag-index.xml", "sitemaps", "sampleconfig-index.normalized.json"],
];

export const sitemapJs: Suite = {
  name: "sitemap.js",
  repository: "ekalinin/sitemap.js",
  version: "218a31d",
  needs: "tests/mocks/alltags.xml",
  run(root) {
    const recorder = new Recorder();
    const read = (name: string) => readFileSync(join(root, "tests/mocks", name));
    for (const [file, list, expected] of FILES) {
      recorder.begin(file);
      const { urls, sitemaps = urls } = JSON.parse(read(expected).toString());
      const links = sitemapOf(read(file), "https://site.test/")?.[list].map(({ url }) => url);
      recorder.equal(
        links,
        (sitemaps as { url: string }[]).map(({ url }) => new URL(url).href),
      );
    }
    return recorder.outcomes;
  },
};
