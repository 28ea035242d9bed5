import { Crawler, config, every, type Response } from "orbweaver";

export default class Template extends Crawler {
  // The page with the login form.
  @every({ hours: 24 })
  onStart() {
    this.crawl("https://example.com/", { callback: this.form });
  }

  // Change the fields: their names are in the form. Its hidden fields are sent, too.
  @config({ age: 0 })
  form(response: Response) {
    const { url, ...options } = response.form("form", { user: "your name", password: "your password" });
    this.crawl(url, { ...options, callback: this.account });
  }

  // Change the selector: the links to the pages that need the login.
  @config({ age: 0 })
  account({ doc, cookies }: Response) {
    this.crawl(doc("a"), { callback: this.page, cookies });
  }

  page({ url, doc }: Response) {
    return { url, title: doc("h1").text().trim() };
  }
}
