// What a site's own list of its pages says is new: sitemaps may lead to further ones, and each page is crawled again when its date has changed.
import { Crawler, config, type Response } from "orbweaver";

const HOME = "http://127.0.0.1:8080/";

export default class Sitemap extends Crawler {
  onStart() {
    this.crawl(`${HOME}sitemap.xml`, { callback: this.sitemap });
  }

  @config({ age: 0 })
  sitemap(response: Response) {
    this.crawl(response.xpath<string>("//sitemap/loc/text()"), { callback: this.sitemap });
    for (const url of response.xpath("//url")) {
      const [address] = response.xpath<string>("string(loc)", url);
      const [lastModified] = response.xpath<string>("string(lastmod)", url);
      if (address) this.crawl(address, { callback: this.page, itag: lastModified });
    }
  }

  page({ url, doc }: Response) {
    return { url, title: doc("h1").text() };
  }
}
