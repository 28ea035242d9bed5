/** The text of elements as a reader sees it: lines where blocks begin and end, no scripts. */
import { type AnyNode, type Element, isTag, isText } from "domhandler";

/** Elements within a line (HTML standard, "phrasing content"); all others begin and end a line, as in PyQuery. */
const INLINE = new Set(
  (
    "a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd label map mark meter object output picture progress q " +
    "rp rt ruby s samp select small span strike strong sub sup svg time tt u var wbr"
  ).split(" "),
);
const HIDDEN = new Set(["script", "style", "template", "noscript", "head"]);

/** White space is collapsed; `<br>` and the edges of blocks are line feeds. */
export function textOf(element: AnyNode): string {
  const lines = [""];
  write(element, lines);
  return lines
    .map((line) => line.replace(/[\t\n\f\r ]+/g, " ").trim())
    .filter(Boolean)
    .join("\n");
}

function write(node: AnyNode, lines: string[]): void {
  if (isText(node)) lines[lines.length - 1] += node.data;
  if (!("children" in node) || (isTag(node) && HIDDEN.has(node.name))) return;
  if (isTag(node) && node.name === "br") lines.push("");
  const isBlock = isTag(node) && !INLINE.has((node as Element).name);
  if (isBlock) lines.push("");
  for (const child of node.children) write(child, lines);
  if (isBlock) lines.push("");
}
