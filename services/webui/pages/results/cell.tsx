import { cellKind } from "./columns.ts";

/** Longer values are cut in the table; the complete result is one click away. */
const SHOWN_CHARACTERS = 300;

/** One value of a result. */
export function Cell({ value }: { value: unknown }) {
  const kind = cellKind(value);
  if (kind === "nothing") return <span className="muted">–</span>;
  if (kind === "figure") return <span className="figure">{String(value)}</span>;
  const text = kind === "json" ? JSON.stringify(value) : String(value);
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  if (kind === "json") return <code>{shown}</code>;
  if (kind === "text") return <span>{shown}</span>;
  return <WebLink address={text} />;
}

/** An external link: the target site does not learn the referring page. */
export function WebLink({ address }: { address: string }) {
  if (cellKind(address) !== "link") return <span>{address}</span>;
  return (
    <a href={address} target="_blank" rel="noreferrer">
      {address.length > SHOWN_CHARACTERS ? `${address.slice(0, SHOWN_CHARACTERS)}…` : address}
    </a>
  );
}
