import { Link } from "../navigation/link.tsx";
import "./filter.css";

export interface FilterProps {
  /** What the choices are about. */
  label: string;
  choices: { title: string; href: string; isChosen: boolean }[];
}

/** Links to other views of a page, one of which is shown. */
export function Filter({ label, choices }: FilterProps) {
  return (
    <nav className="filter" aria-label={label}>
      {choices.map(({ title, href, isChosen }) => (
        <Link key={title} href={href} aria-current={isChosen ? "true" : undefined}>
          {title}
        </Link>
      ))}
    </nav>
  );
}
