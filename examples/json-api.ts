// A JSON API that gives its data page by page: each value that is yielded is one result.
import { Crawler, type Response } from "orbweaver";

const HOME = "http://127.0.0.1:8080/";

interface Book {
  id: number;
  title: string;
  price: number;
}

export default class JsonApi extends Crawler {
  onStart() {
    this.crawl(`${HOME}api/books`, { callback: this.books });
    // Bodies make tasks of their own: two searches are two tasks, although they go to one URL.
    for (const title of ["silk", "rain"]) this.crawl(`${HOME}api/search`, { callback: this.found, data: { title }, save: title });
  }

  *books({ json }: Response): Generator<Book> {
    if (json.next) this.crawl(json.next, { callback: this.books });
    yield* json.books;
  }

  found({ json, save }: Response) {
    return { search: save, ids: json.books.map(({ id }: Book) => id) };
  }
}
