// A page that JavaScript makes: Chromium loads it, runs a function of ours in it, and hands over what it shows once it is quiet.
import { Crawler, type Response } from "orbweaver";

/** Runs in the page; what it resolves with is `response.jsScriptResult`. */
const COUNT = `async () => {
  const items = document.getElementsByTagName("li");
  while (items.length === 0) await new Promise((done) => setTimeout(done, 20));
  return items.length;
}`;
const HOME = "http://127.0.0.1:8080/";

export default class Rendered extends Crawler {
  onStart() {
    this.crawl(`${HOME}app`, {
      callback: this.books,
      fetchType: "js",
      jsScript: COUNT,
      loadImages: false,
      timeout: "30s",
    });
  }

  books({ doc, jsScriptResult }: Response) {
    const titles = doc("li")
      .toArray()
      .map((item) => doc(item).text());
    return { heading: doc("h1").text(), count: jsScriptResult, titles };
  }
}
