// Pages behind a login: the form's hidden fields are sent with name and password, and the session's cookies are part of all later requests.
import { Crawler, config, type Response } from "orbweaver";

const HOME = "http://127.0.0.1:8080/";

export default class Login extends Crawler {
  onStart() {
    this.crawl(`${HOME}login`, { callback: this.form });
  }

  // Age 0: each run logs in again.
  @config({ age: 0 })
  form(response: Response) {
    const { url, ...options } = response.form("form", { user: "ada", password: "secret" });
    this.crawl(url, { ...options, callback: this.account });
  }

  @config({ age: 0 })
  account({ doc, cookies }: Response) {
    this.crawl(doc("a.order"), { callback: this.order, cookies });
  }

  order({ doc }: Response) {
    return { order: doc("h1").text(), total: Number(doc(".total").text()) };
  }
}
