// What a site's own list of its pages says is new: sitemaps may lead to further ones, and each page is crawled again when its date has changed.
import { Crawler, config, type Response } from "orbweaver";

const HOME = "http://127.0.0.1:8080/";

export default class Sitemap extends Crawler {
  onStart() {
    this.crawl(`${HOME}sitemap.xml`, { callback: this.sitemap });
  }

  @config({ age: 0 })
  sitemap({ sitemap }: Response) {
    for (const { url } of sitemap?.sitemaps ?? []) this.crawl(url, { callback: this.sitemap });
    for (const { url, lastmod } of sitemap?.urls ?? []) this.crawl(url, { callback: this.page, itag: lastmod });
  }

  page({ url, doc }: Response) {
    return { url, title: doc("h1").text() };
  }
}
