import { type FormEvent, useState } from "react";
import "./search-form.css";

export interface SearchFormProps {
  label: string;
  placeholder: string;
  maxLength: number;
  /** The text that was searched for last. */
  search: string | undefined;
  /** Receives the text without white space around it; it may be empty. */
  onSearch: (text: string) => void;
}

/** A form, so that a search of many rows runs once and not for each letter. */
export function SearchForm({ label, placeholder, maxLength, search, onSearch }: SearchFormProps) {
  const [text, setText] = useState(search ?? "");
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    onSearch(text.trim());
  };
  return (
    <search>
      <form className="search-form" onSubmit={onSubmit}>
        <input
          type="search"
          aria-label={label}
          placeholder={placeholder}
          maxLength={maxLength}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <button type="submit">Search</button>
      </form>
    </search>
  );
}
