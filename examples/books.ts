// A shop: lists lead to further lists and to books, and a book's page gives one result. Prices are looked at again once a day.
import { Crawler, config, every, type Response } from "orbweaver";

export default class Books extends Crawler {
  crawlConfig = { headers: { "accept-language": "en" } };

  @every({ hours: 24 })
  onStart() {
    this.crawl("https://books.toscrape.com/", { callback: this.listPage });
  }

  @config({ age: "12h" })
  listPage(response: Response) {
    this.crawl(response.doc(".next a"), { callback: this.listPage });
    this.crawl(response.doc("h3 a"), { callback: this.bookPage });
  }

  // Below a day: a page that was crawled a little later than the day before must have gone stale by now.
  @config({ age: "20h", priority: 2 })
  bookPage({ url, doc }: Response) {
    return {
      url,
      title: doc("h1").text(),
      price: Number(
        doc(".price_color")
          .first()
          .text()
          .replace(/[^\d.]/g, ""),
      ),
    };
  }
}
