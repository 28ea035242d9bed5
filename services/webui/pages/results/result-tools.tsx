import { useState } from "react";
import { countResults } from "../api/client.ts";
import { POLL_MS } from "../api/store.ts";
import { useRemote } from "../api/use-remote.ts";
import { navigate } from "../navigation/location-store.ts";
import { addresses } from "../navigation/route.ts";
import { formatCount } from "../shell/amounts.ts";
import { SearchForm } from "../shell/search-form.tsx";
import { ColumnDialog } from "./column-dialog.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import "./result-tools.css";

interface ResultToolsProps {
  name: string;
  search: string | undefined;
  /** Of the results on this page. */
  all: string[];
  chosen: string[] | undefined;
}

/** The number of results, search, columns and export. */
export function ResultTools({ name, search, all, chosen }: ResultToolsProps) {
  const [dialog, setDialog] = useState<"columns" | "export">();
  const { data } = useRemote(countResults(name), POLL_MS);
  const close = () => setDialog(undefined);
  return (
    <div className="result-tools">
      <span className="result-count">{data && (data.count === 1 ? "1 result" : `${formatCount(data.count)} results`)}</span>
      <SearchForm
        key={search}
        label="Search in addresses and results"
        placeholder="Search"
        maxLength={200}
        search={search}
        onSearch={(text) => navigate(addresses.results(name, { search: text || undefined, columns: chosen }))}
      />
      <button type="button" onClick={() => setDialog("columns")}>
        Columns…
      </button>
      <button type="button" onClick={() => setDialog("export")}>
        Export…
      </button>
      {dialog === "columns" && (
        <ColumnDialog
          all={all}
          chosen={chosen}
          onClose={close}
          onChoose={(columns) => {
            close();
            navigate(addresses.results(name, { search, columns }));
          }}
        />
      )}
      {dialog === "export" && <ExportDialog name={name} columns={chosen} onClose={close} />}
    </div>
  );
}
