// A feed in XML that is read again every ten minutes, with what the server says of changes; pages that are gone are noted instead of tried again.
import { Crawler, catchStatusCodeError, config, every, type Response } from "orbweaver";

export default class Feed extends Crawler {
  @every({ minutes: 10 })
  onStart() {
    this.crawl("https://hnrss.org/frontpage", { callback: this.feed, forceUpdate: true });
  }

  feed({ doc }: Response) {
    for (const item of doc("item")) {
      const link = doc(item).find("link").text();
      this.crawl(link, { callback: this.article, save: { published: doc(item).find("pubDate").text() } });
    }
  }

  @catchStatusCodeError
  @config({ timeout: "20s", maxBodyBytes: 2_000_000 })
  article(response: Response) {
    if (!response.ok) return { url: response.url, gone: response.statusCode };
    console.log(`${response.url}: ${response.text.length} characters in ${response.encoding}`);
    return { url: response.url, title: response.doc("title").text().trim(), ...response.save };
  }
}
