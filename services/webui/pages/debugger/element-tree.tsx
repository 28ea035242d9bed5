import { useState } from "react";

/** More are only counted: each is a row. */
const SHOWN = 200;
const TEXT_LENGTH = 60;

/** The elements of a page as a tree; choosing one writes its selector. The page itself is not shown, so nothing of it can run. */
export function ElementTree({ page, onPick }: { page: Document; onPick: (element: Element) => void }) {
  if (!page.body) return <p className="muted">The page has no elements.</p>;
  return (
    <ul className="element-tree step-text">
      <Branch element={page.body} isOpen onPick={onPick} />
    </ul>
  );
}

interface BranchProps {
  element: Element;
  isOpen?: boolean;
  onPick: (element: Element) => void;
}

/** Its children are made when it is opened: a page may have many thousand elements. */
function Branch({ element, isOpen: beginsOpen = false, onPick }: BranchProps) {
  const [isOpen, setOpen] = useState(beginsOpen);
  const children = [...element.children];
  return (
    <li>
      {children.length > 0 && (
        <button
          type="button"
          className="quiet"
          aria-expanded={isOpen}
          aria-label={`Elements in ${tagOf(element)}`}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "▾" : "▸"}
        </button>
      )}
      <button type="button" className="quiet" onClick={() => onPick(element)} title="Write the selector of this element">
        {tagOf(element)} <span className="muted">{ownText(element)}</span>
      </button>
      {isOpen && children.length > 0 && (
        <ul>
          {children.slice(0, SHOWN).map((child, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the document does not change.
            <Branch key={index} element={child} onPick={onPick} />
          ))}
          {children.length > SHOWN && <li className="muted">and {children.length - SHOWN} more</li>}
        </ul>
      )}
    </li>
  );
}

const tagOf = (element: Element) => `<${element.localName}${element.id ? ` id=${element.id}` : ""}${classOf(element)}>`;
const classOf = (element: Element) => (element.classList.length > 0 ? ` class="${[...element.classList].join(" ")}"` : "");
const ownText = (element: Element) =>
  [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.nodeValue)
    .join(" ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, TEXT_LENGTH);
