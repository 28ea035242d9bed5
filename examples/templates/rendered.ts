import { Crawler, config, every, type Response } from "orbweaver";

export default class Template extends Crawler {
  // Chromium loads each page and runs its scripts.
  crawlConfig = { fetchType: "js", loadImages: false } as const;

  @every({ hours: 24 })
  onStart() {
    this.crawl("https://example.com/", { callback: this.page });
  }

  // Change the selector: each of these elements is a result. `jsScript` can wait in the page, or click.
  @config({ age: "12h" })
  *page({ url, doc }: Response) {
    for (const item of doc("li").toArray()) yield { url, text: doc(item).text().trim() };
  }
}
