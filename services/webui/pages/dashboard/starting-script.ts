/**
 * The initial script of a new project: it follows links within one site, and returns one result per page.
 *
 * @param name of the project: `book_shop` -> class `BookShop`.
 * @param startUrl where the crawl begins.
 */
export const startingScript = (
  name: string,
  startUrl: string,
): string => `import { Crawler, config, every, type Response } from "orbweaver";

export default class ${className(name)} extends Crawler {
  @every({ hours: 24 })
  onStart() {
    this.crawl(${JSON.stringify(startUrl)}, { callback: this.listPage });
  }

  @config({ age: "10d" })
  listPage(response: Response) {
    this.crawl(response.doc('a[href^="http"]'), { callback: this.detailPage });
  }

  @config({ priority: 2 })
  detailPage({ url, doc }: Response) {
    return { url, title: doc("title").text().trim() };
  }
}
`;

/** A script of examples/templates, for a project and the address where its crawl begins. */
export const fillTemplate = (template: string, name: string, startUrl: string): string =>
  template.replace("class Template", () => `class ${className(name)}`).replace('"https://example.com/"', () => JSON.stringify(startUrl));

/** `book_shop` -> `BookShop`; a name that begins with a digit gets a letter before it. */
export function className(project: string): string {
  const words = project.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^[A-Z]/i.test(name) ? name : `Project${name}`;
}
