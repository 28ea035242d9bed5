import { useId } from "react";
import type { SummaryRow } from "../api/types.ts";
import { formatCount } from "../shell/amounts.ts";
import { allLabels, HEALTHS, type ProjectFilter, SORTS } from "./project-filter.ts";
import "./filter-bar.css";

export interface FilterBarProps {
  filter: ProjectFilter;
  projects: readonly SummaryRow[];
  listed: number;
  onChange: (filter: ProjectFilter) => void;
}

/** Search, filters and the order of the projects. */
export function FilterBar({ filter, projects, listed, onChange }: FilterBarProps) {
  const change = (changes: Partial<ProjectFilter>) => onChange({ ...filter, ...changes });
  const labels = allLabels(projects);
  return (
    <search className="filter-bar">
      <input
        type="search"
        aria-label="Search projects"
        placeholder="Search name, label, comment"
        value={filter.search}
        onChange={({ target }) => change({ search: target.value })}
      />
      <Choice
        label="Health"
        value={filter.health}
        options={{ "": "All", ...HEALTHS }}
        onChange={(health) => change({ health: health as ProjectFilter["health"] })}
      />
      {(labels.length > 0 || filter.label !== "") && (
        <Choice
          label="Label"
          value={filter.label}
          options={{ "": "All", ...Object.fromEntries([...new Set([...labels, filter.label])].filter(Boolean).map((one) => [one, one])) }}
          onChange={(label) => change({ label })}
        />
      )}
      <Choice label="Sort by" value={filter.sort} options={SORTS} onChange={(sort) => change({ sort: sort as ProjectFilter["sort"] })} />
      <output className="muted">
        {listed === projects.length ? formatCount(listed) : `${formatCount(listed)} of ${formatCount(projects.length)}`}
      </output>
    </search>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  /** The words by value. */
  options: Record<string, string>;
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <span className="choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)}>
        {Object.entries(options).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}
