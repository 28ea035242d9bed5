import { Crawler, config, every, type Response } from "orbweaver";

export default class Template extends Crawler {
  @every({ hours: 24 })
  onStart() {
    this.crawl(new URL("/sitemap.xml", "https://example.com/").href, { callback: this.sitemap });
  }

  // A page is fetched again when the sitemap has a new date for it.
  @config({ age: 0 })
  sitemap({ sitemap }: Response) {
    for (const { url } of sitemap?.sitemaps ?? []) this.crawl(url, { callback: this.sitemap });
    for (const { url, lastmod } of sitemap?.urls ?? []) this.crawl(url, { callback: this.page, itag: lastmod });
  }

  page({ url, doc }: Response) {
    return { url, title: doc("h1").text().trim() };
  }
}
