import { Crawler, config, every, type Response } from "orbweaver";

export default class Template extends Crawler {
  @every({ hours: 24 })
  onStart() {
    this.crawl("https://example.com/", { callback: this.listPage });
  }

  // Change the selectors: the link to the next list, and the links to the pages with details.
  @config({ age: "12h" })
  listPage({ doc }: Response) {
    this.crawl(doc(".next a"), { callback: this.listPage });
    this.crawl(doc("h3 a"), { callback: this.detailPage });
  }

  @config({ age: "20h", priority: 2 })
  detailPage({ url, doc }: Response) {
    return { url, title: doc("h1").text().trim() };
  }
}
