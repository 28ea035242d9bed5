/**
 * A small website on loopback with everything that the guide and the examples show; none of its pages fails.
 *
 * - `/` (`/?page=2`, …): lists of books; `/book/N`: one of them, with an ETag
 * - `/api/books?page=N`: the same as JSON; `POST /api/search` with `{ "title": … }` or a form's `title`: finds books
 * - `/login` (a form with a hidden field), `/account` (the orders of who has logged in: ada, secret)
 * - `/app`: shows the books by JavaScript alone
 * - `/sitemap.xml`: an index, and what it leads to; `/feed`: RSS
 * - `/news`: items with a date that `touch` moves on; `/quotes`: several quotes a page
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const BOOKS = ["Spiders", "Threads", "Webs", "Orbs", "Silk", "Gardens", "Rain"].map((title, index) => ({
  id: index + 1,
  title: `On ${title}`,
  price: 10 + index,
}));
const BOOKS_A_PAGE = 3;
const PAGES = Math.ceil(BOOKS.length / BOOKS_A_PAGE);
const NEWS = 3;
const SESSION = "session=opensesame";
/** 2026-01-01 and so many days. */
const day = (days: number) => new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10);

export interface Shop extends AsyncDisposable {
  origin: string;
  /** `GET /book/1` and the like, in the order in which they came; without robots.txt. */
  requests: string[];
  /** The first item of the news has changed since. */
  touch(): void;
}

/** Serves until it is disposed; `port` 0, the default, is a free one. */
export async function startShop({ port = 0 }: { port?: number } = {}): Promise<Shop> {
  const requests: string[] = [];
  let touches = 0;
  const server = createServer(async (request, response) => {
    if (request.url !== "/robots.txt") requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    const body = Buffer.concat(await request.toArray()).toString();
    const answer = answers[url.pathname.split("/").slice(0, 3).join("/")] ?? answers[`/${url.pathname.split("/")[1]}`];
    if (answer) answer({ request, response, url, body, touches });
    else response.writeHead(404).end("no such page\n");
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    requests,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    touch: () => {
      touches++;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

interface DemoRequest {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  body: string;
  touches: number;
}

const answers: Record<string, (visit: DemoRequest) => void> = {
  "/": ({ response, url }) => html(response, listHtml(pageOf(url))),
  "/book": ({ request, response, url }) => sendBook(request, response, Number(url.pathname.split("/")[2])),
  "/api/books": ({ response, url }) => {
    const page = pageOf(url);
    json(response, { books: booksOf(page), next: page < PAGES ? `/api/books?page=${page + 1}` : null });
  },
  "/api/search": ({ request, response, body }) => {
    const isJson = request.headers["content-type"] === "application/json";
    const wanted = isJson ? String(JSON.parse(body).title) : (new URLSearchParams(body).get("title") ?? "");
    json(response, { books: BOOKS.filter(({ title }) => title.toLowerCase().includes(wanted.toLowerCase())) });
  },
  "/login": ({ request, response, body }) => {
    if (request.method !== "POST") return html(response, LOGIN_FORM);
    const { user, password, token } = Object.fromEntries(new URLSearchParams(body));
    if (user !== "ada" || password !== "secret" || token !== "t0ken") return void response.writeHead(403).end("who are you?");
    response.writeHead(302, { location: "/account", "set-cookie": `${SESSION}; Path=/` }).end();
  },
  "/account": ({ request, response, url }) => {
    if (!request.headers.cookie?.includes(SESSION)) return void response.writeHead(403).end("log in first");
    const [, , , order] = url.pathname.split("/");
    if (order) html(response, `<h1>Order ${order}</h1><p class="total">${Number(order) * 7}</p>`);
    else html(response, `<h1>Ada</h1><a class="order" href="/account/orders/1">1</a><a class="order" href="/account/orders/2">2</a>`);
  },
  "/app": ({ response }) => html(response, APP),
  "/sitemap.xml": ({ response, url }) =>
    xml(
      response,
      `<sitemapindex>${[1, 2].map((part) => `<sitemap><loc>${url.origin}/sitemap/${part}</loc></sitemap>`).join("")}</sitemapindex>`,
    ),
  "/sitemap": ({ response, url }) => {
    const part = Number(url.pathname.split("/")[2]);
    const urls = BOOKS.filter(({ id }) => id % 2 === part % 2).map(
      ({ id }) => `<url><loc>${url.origin}/book/${id}</loc><lastmod>${day(id)}</lastmod></url>`,
    );
    xml(response, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.join("")}</urlset>`);
  },
  "/feed": ({ response, url }) => {
    const items = BOOKS.slice(0, 3).map(
      ({ id, title }) => `<item><title>${title}</title><link>${url.origin}/book/${id}</link><pubDate>${day(id)}</pubDate></item>`,
    );
    xml(response, `<rss version="2.0"><channel>${items.join("")}</channel></rss>`);
  },
  "/news": ({ response, url, touches }) => {
    const item = Number(url.pathname.split("/")[2]);
    const dateOf = (n: number) => day(n + (n === 1 ? 10 * touches : 0));
    if (item) return html(response, `<h1>News ${item}</h1><p>as of ${dateOf(item)}</p>`);
    const items = Array.from({ length: NEWS }, (_, index) => index + 1);
    html(response, items.map((n) => `<li><a href="/news/${n}">News ${n}</a> <time datetime="${dateOf(n)}"></time></li>`).join(""));
  },
  "/quotes": ({ response }) => html(response, QUOTES),
  "/author": ({ response, url }) =>
    html(response, `<h1>${url.pathname.split("/")[2]}</h1><span class="author-born-date">December 10, 1815</span>`),
};

const pageOf = (url: URL) => Math.min(PAGES, Math.max(1, Number(url.searchParams.get("page") ?? 1)));
const booksOf = (page: number) => BOOKS.slice((page - 1) * BOOKS_A_PAGE, page * BOOKS_A_PAGE);

function sendBook(request: IncomingMessage, response: ServerResponse, id: number): void {
  const book = BOOKS[id - 1];
  const etag = `"book-${id}"`;
  if (!book) response.writeHead(404).end("no such book\n");
  else if (request.headers["if-none-match"] === etag) response.writeHead(304, { etag }).end();
  else {
    response.setHeader("etag", etag);
    html(response, `<title>${book.title}</title><h1>${book.title}</h1><p class="price_color">£${book.price}.00</p>`);
  }
}

function html(response: ServerResponse, body: string): void {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(`<!doctype html>\n<html><body>${body}</body></html>\n`);
}

const xml = (response: ServerResponse, body: string) =>
  void response.writeHead(200, { "content-type": "application/xml" }).end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`);

const json = (response: ServerResponse, value: object) =>
  void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));

const listHtml = (page: number) => `<title>Books, page ${page}</title>
${booksOf(page)
  .map(({ id, title }) => `<article><h3><a href="/book/${id}">${title}</a></h3></article>`)
  .join("\n")}
${page < PAGES ? `<li class="next"><a href="/?page=${page + 1}">next</a></li>` : ""}`;

const LOGIN_FORM = `<form method="post" action="/login"><input name="user"><input name="password" type="password">
<input type="hidden" name="token" value="t0ken"></form>`;

const APP = `<h1>Loading</h1><ul></ul><script>
fetch("/api/books").then((answer) => answer.json()).then(({ books }) => {
  document.querySelector("ul").innerHTML = books.map((book) => "<li>" + book.title + "</li>").join("");
  document.querySelector("h1").textContent = "Books";
});
</script>`;

const QUOTES = `<div class="quote"><span class="text">It has no pretensions whatever to originate anything.</span>
<span>by <small class="author">Ada Lovelace</small> <a href="/author/Ada">about</a></span></div>
<div class="quote"><span class="text">That brain of mine is something more than merely mortal.</span>
<span>by <small class="author">Ada Lovelace</small> <a href="/author/Ada">about</a></span></div>`;
