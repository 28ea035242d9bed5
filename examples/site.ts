// Every page of one site, from its home page on. Start the synthetic site with `node_modules/.bin/node demo/site-main.ts --port 8080`, then
// `./orb run examples/site.ts --allow-address 127.0.0.0/8`; or put the address of another site here.
import { Crawler, type Response } from "orbweaver";

const HOME = "http://127.0.0.1:8080/";

export default class Site extends Crawler {
  retryDelay = ["1s", "2s", "4s"];

  onStart() {
    this.crawl(HOME, { callback: this.page });
  }

  page(response: Response) {
    for (const link of response.doc("a[href]")) {
      if (link.attribs.href?.startsWith(HOME)) this.crawl(link, { callback: this.page });
    }
    return { url: response.url, title: response.doc("title").text() };
  }
}
