// A page that JavaScript makes: Chromium loads it, waits until it is quiet, runs a function of ours in it, and hands over what it shows.
import { Crawler, type Response } from "orbweaver";

const HOME = "http://127.0.0.1:8080/";

export default class Rendered extends Crawler {
  onStart() {
    this.crawl(`${HOME}app`, {
      callback: this.books,
      fetchType: "js",
      jsScript: "() => document.querySelectorAll('li').length",
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
