import { Crawler, config, every, type Response } from "orbweaver";

export default class Template extends Crawler {
  @every({ hours: 24 })
  onStart() {
    this.crawl("https://example.com/", { callback: this.page });
  }

  // Change the names: where the answer has the address of its next page, and where its list. Each value of the list is a result.
  @config({ age: "12h" })
  *page({ json }: Response): Generator<unknown> {
    if (json.next) this.crawl(json.next, { callback: this.page });
    yield* Object.values(json).find(Array.isArray) ?? [];
  }
}
