import { formatCount } from "../shell/amounts.ts";
import { evaluateSelector, type SelectorKind } from "./page-document.ts";

export interface Selector {
  kind: SelectorKind;
  text: string;
}

/** What a selector matches; undefined if it is invalid. */
export type Hits = (Node | string)[] | undefined;

const SAMPLES = 20;
const SAMPLE_LENGTH = 120;

export function hitsOf(page: Document, { kind, text }: Selector): Hits {
  if (text.trim() === "") return [];
  try {
    return evaluateSelector(page, kind, text.trim());
  } catch {
    return undefined;
  }
}

export interface SelectorBoxProps {
  selector: Selector;
  hits: Hits;
  onChange: (selector: Selector) => void;
  /** Writes code into the script. */
  onInsert: (code: string) => void;
}

/** Tries a CSS selector or an XPath expression on a page. */
export function SelectorBox({ selector, hits, onChange, onInsert }: SelectorBoxProps) {
  const { kind, text } = selector;
  return (
    <div className="selector-box">
      <select
        aria-label="Kind of selector"
        value={kind}
        onChange={({ target }) => onChange({ ...selector, kind: target.value as SelectorKind })}
      >
        <option>CSS</option>
        <option>XPath</option>
      </select>
      <input
        aria-label={`${kind} ${kind === "CSS" ? "selector" : "expression"} to try on this page`}
        placeholder={kind === "CSS" ? "CSS selector, such as h3 a" : "XPath, such as //h3/a/@href"}
        spellCheck={false}
        value={text}
        aria-invalid={hits === undefined}
        onChange={({ target }) => onChange({ ...selector, text: target.value })}
      />
      <span role="status">
        {text.trim() === "" ? "" : hits ? (hits.length === 1 ? "1 hit" : `${formatCount(hits.length)} hits`) : "not valid"}
      </span>
      {text !== "" && (
        <button type="button" onClick={() => void navigator.clipboard?.writeText(text).catch(() => {})}>
          Copy
        </button>
      )}
      {hits && hits.length > 0 && (
        <button type="button" title="Writes it into the script, at the caret" onClick={() => onInsert(codeOf(selector))}>
          Insert
        </button>
      )}
      {hits && hits.length > 0 && (
        <ol className="step-text">
          {hits.slice(0, SAMPLES).map((hit, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: samples have no identity, and may repeat.
            <li key={index}>{sampleOf(hit)}</li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** `response.doc("h3 a")` */
const codeOf = ({ kind, text }: Selector) => `response.${kind === "CSS" ? "doc" : "xpath"}(${JSON.stringify(text.trim())})`;

/** The text of a hit on one line. */
function sampleOf(hit: Node | string): string {
  const text = (typeof hit === "string" ? hit : (hit.textContent ?? "")).replace(/\s+/g, " ").trim();
  return (text === "" && hit instanceof Element ? hit.outerHTML : text).slice(0, SAMPLE_LENGTH);
}
