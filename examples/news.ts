// Again every morning, and no page more often than it has to be: the list says which items have changed (itag); the others are looked at once a week.
import { Crawler, config, cron, type Response } from "orbweaver";

const HOME = "http://127.0.0.1:8080/";

export default class News extends Crawler {
  @cron("0 6 * * *", { timeZone: "Europe/Berlin" })
  onStart() {
    this.crawl(`${HOME}news`, { callback: this.list });
  }

  // Always stale: each run looks at it.
  @config({ age: 0 })
  list({ doc }: Response) {
    for (const element of doc("li")) {
      const item = doc(element);
      this.crawl(item.find("a"), { callback: this.item, itag: item.find("time").attr("datetime"), age: "7d" });
    }
  }

  item({ url, doc }: Response) {
    this.save = { looks: (this.save.looks ?? 0) + 1 };
    return { url, text: doc("p").text(), looks: this.save.looks };
  }
}
