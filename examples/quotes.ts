// Several results from one page: each value that is yielded is one row. What is found on the way is handed on with `save`.
import { Crawler, type Response } from "orbweaver";

interface Quote {
  text: string;
  author: string;
}

export default class Quotes extends Crawler {
  onStart() {
    this.crawl("https://quotes.toscrape.com/", { callback: this.quotes });
  }

  *quotes({ doc }: Response): Generator<Quote> {
    for (const element of doc(".quote")) {
      const quote = doc(element);
      const author = quote.find(".author").text();
      this.crawl(quote.find("span a"), { callback: this.author, save: { author } });
      yield { text: quote.find(".text").text(), author };
    }
    this.crawl(doc(".next a"), { callback: this.quotes });
  }

  author({ url, doc, save }: Response) {
    return { url, author: save.author, born: doc(".author-born-date").text() };
  }
}
