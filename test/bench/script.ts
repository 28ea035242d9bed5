/** The script of the bench: follows every link of the site and keeps title and links of each page. */
export const benchScript = (seed: string) => `
import { Crawler, type Response } from "orbweaver";

export default class Bench extends Crawler {
  onStart() {
    this.crawl("${seed}", { callback: this.page });
  }

  page(response: Response) {
    const links = [...response.doc("a[href]")];
    this.crawl(links, { callback: this.page });
    return { title: response.doc("title").text(), links: links.map((link) => link.attribs.href) };
  }
}
`;
