import { type KeyboardEvent, type ReactNode, useId } from "react";
import { formatCount } from "./amounts.ts";
import "./tabs.css";

export interface TabsProps<Name extends string> {
  /** What the tabs are parts of. */
  label: string;
  names: readonly Name[];
  chosen: Name;
  onChoose: (name: Name) => void;
  /** Shown beside a name. */
  counts?: Partial<Record<Name, number>>;
  /** The panel of the chosen tab. */
  children: ReactNode;
}

/** Tabs and the panel of the chosen one. The arrow keys, Home and End change the tab. */
export function Tabs<Name extends string>({ label, names, chosen, onChoose, counts = {}, children }: TabsProps<Name>) {
  const id = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const name = tabAfter(event.key, names, chosen);
    if (name === undefined) return;
    event.preventDefault();
    onChoose(name);
    (event.currentTarget.children[names.indexOf(name)] as HTMLElement).focus();
  };
  return (
    <>
      <div className="panel-tabs" role="tablist" tabIndex={-1} aria-label={label} onKeyDown={onKeyDown}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            className="quiet"
            aria-selected={name === chosen}
            aria-controls={id}
            tabIndex={name === chosen ? 0 : -1}
            onClick={() => onChoose(name)}
          >
            {name}
            {counts[name] === undefined ? "" : ` ${formatCount(counts[name])}`}
          </button>
        ))}
      </div>
      <div id={id} role="tabpanel" aria-label={chosen}>
        {children}
      </div>
    </>
  );
}

function tabAfter<Name extends string>(key: string, names: readonly Name[], chosen: Name): Name | undefined {
  const at = names.indexOf(chosen);
  const places: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 };
  const place = places[key];
  return place === undefined ? undefined : names[(place + names.length) % names.length];
}
