import { Link } from "../navigation/link.tsx";
import "./pager.css";

export interface PagerProps {
  newest: string;
  /** Undefined on the last page. */
  older: string | undefined;
  isFirst: boolean;
}

/** Navigation of a list that begins with the newest; the browser's back button returns to the previous page. */
export function Pager({ newest, older, isFirst }: PagerProps) {
  return (
    <nav className="pager" aria-label="Pages of the list">
      {isFirst ? <span className="muted">Newest</span> : <Link href={newest}>Newest</Link>}
      {older ? <Link href={older}>Older →</Link> : <span className="muted">Nothing older</span>}
    </nav>
  );
}
