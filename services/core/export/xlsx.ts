import { finished, Readable } from "node:stream";
import { ZipFile } from "yazl";
import type { ResultRow } from "../store/result-queries.ts";
import { cellText, type ResultTable, type TableSource, tableOf } from "./table.ts";
import { inPieces } from "./text-pieces.ts";

/** Limits of Excel (support.microsoft.com, "Excel specifications and limits"): rows of a sheet, characters of a cell. */
const MAX_ROWS = 1_048_576;
const MAX_CELL_LENGTH = 32_767;
/** A spreadsheet computes with 15 digits. A longer number, such as an id, is written as text. */
const MAX_DIGITS = 15;
const MAX_EXPONENT = 300;
/** Level 6 takes twice the time for a tenth less. */
const COMPRESSION_LEVEL = 3;

/**
 * A workbook for Excel and other spreadsheets (ECMA-376), with the columns of `tableOf`; each sheet has the header and up to 1,048,575 results.
 *
 * Text is text, and never a formula. Numbers of up to 15 digits and booleans are values; lists, objects and longer numbers are JSON text. A missing key
 * and null are empty. Text beyond 32,767 characters is cut, and ends with `…`. Memory: one page of rows.
 */
export async function* encodeXlsx(source: TableSource, maxRows = MAX_ROWS): AsyncGenerator<string | Uint8Array> {
  const table = yield* tableOf(source);
  const zip = new ZipFile();
  const rows = new RowReader(table.pages);
  const output = zip.outputStream as Readable;
  zip.on("error", (error: Error) => output.destroy(error));
  writeSheets(zip, table, rows, maxRows).catch((error) => output.destroy(error));
  try {
    yield* output;
  } finally {
    output.destroy();
    await rows.close();
  }
}

async function writeSheets(zip: ZipFile, table: ResultTable, rows: RowReader, maxRows: number): Promise<void> {
  let sheets = 0;
  do {
    const sheet = Readable.from(sheetXml(table, rows, maxRows), { objectMode: false });
    zip.addReadStream(sheet, `xl/worksheets/sheet${++sheets}.xml`, { compressionLevel: COMPRESSION_LEVEL });
    await ended(sheet);
  } while (await rows.hasMore());
  for (const [name, xml] of Object.entries(workbookParts(sheets))) zip.addBuffer(Buffer.from(DECLARATION + xml), name);
  zip.end();
}

const ended = (stream: Readable) =>
  new Promise<void>((resolve, reject) => {
    finished(stream, (error) => (error ? reject(error) : resolve()));
  });

/** Rows in pieces of a page: a sheet may end within a page. */
class RowReader {
  #pages: AsyncIterator<ResultRow[]> | Iterator<ResultRow[]>;
  #page: ResultRow[] = [];

  constructor(pages: ResultTable["pages"]) {
    this.#pages = Symbol.asyncIterator in pages ? pages[Symbol.asyncIterator]() : pages[Symbol.iterator]();
  }

  async hasMore(): Promise<boolean> {
    while (this.#page.length === 0) {
      const next = await this.#pages.next();
      if (next.done) return false;
      this.#page = next.value;
    }
    return true;
  }

  /** The rest of a page, `limit` rows at most. */
  async take(limit: number): Promise<ResultRow[]> {
    return (await this.hasMore()) ? this.#page.splice(0, limit) : [];
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** The header row stays visible when the sheet is scrolled. */
const SHEET_HEAD = `${DECLARATION}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`;

async function* sheetXml({ header, cellsOf }: ResultTable, rows: RowReader, maxRows: number): AsyncGenerator<string> {
  const letters = header.map((_name, place) => columnLetters(place));
  yield SHEET_HEAD;
  yield* inPieces(
    rowXml(
      1,
      header.map((name) => JSON.stringify(name)),
      letters,
    ),
  );
  for (let number = 1; number < maxRows; ) {
    const page = await rows.take(maxRows - number);
    if (page.length === 0) break;
    const first = number + 1;
    number += page.length;
    yield* inPieces(page.entries().flatMap(([place, row]) => rowXml(first + place, cellsOf(row), letters)));
  }
  yield "</sheetData></worksheet>";
}

function* rowXml(number: number, cells: (string | undefined)[], letters: string[]): Generator<string> {
  yield `<row r="${number}">`;
  for (const [place, json] of cells.entries()) {
    if (json !== undefined && json !== "null") yield cellXml(`${letters[place]}${number}`, json);
  }
  yield "</row>";
}

function cellXml(place: string, json: string): string {
  if (json === "true" || json === "false") return `<c r="${place}" t="b"><v>${json === "true" ? 1 : 0}</v></c>`;
  if (isSheetNumber(json)) return `<c r="${place}"><v>${json}</v></c>`;
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${xmlText(cutText(cellText(json)))}</t></is></c>`;
}

function isSheetNumber(json: string): boolean {
  const [, digits, exponent = "0"] = /^-?(\d+(?:\.\d+)?)(?:e([+-]?\d+))?$/i.exec(json) ?? [];
  return digits !== undefined && digits.replace(".", "").length <= MAX_DIGITS && Math.abs(Number(exponent)) < MAX_EXPONENT;
}

function cutText(text: string): string {
  if (text.length <= MAX_CELL_LENGTH) return text;
  return `${text.slice(0, MAX_CELL_LENGTH - 1)}…`;
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Characters that XML cannot have, or would change, are written as `_x000D_` (ECMA-376, ST_Xstring); so is the `_` of a text that looks like it. */
function xmlText(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has none of them.
      .replace(/[&<>]|[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[0-9a-f]{4}_)/gi, (found) => ENTITIES[found] ?? escapedCharacter(found))
  );
}

const escapedCharacter = (text: string): string => `_x${text.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;

/** `0` -> `A`, `26` -> `AA` */
function columnLetters(place: number): string {
  const last = String.fromCharCode(65 + (place % 26));
  return place < 26 ? last : columnLetters(Math.floor(place / 26) - 1) + last;
}

function workbookParts(count: number): Record<string, string> {
  const sheets = Array.from({ length: count }, (_, place) => place + 1);
  const names = sheets.map((n) => `<sheet name="${n === 1 ? "Results" : `Results ${n}`}" sheetId="${n}" r:id="rId${n}"/>`);
  const links = sheets.map((n) => `<Relationship Id="rId${n}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${n}.xml"/>`);
  const types = sheets.map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${SPREADSHEET}.worksheet+xml"/>`);
  return {
    "xl/workbook.xml": `<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${names.join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${PACKAGE}/relationships">${links.join("")}</Relationships>`,
    "_rels/.rels": `<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${SPREADSHEET}.sheet.main+xml"/>${types.join("")}</Types>`,
  };
}
