import { useDeferredValue, useState } from "react";
import { pageSize, useLeads } from "./leads";
import type { Lead } from "./leads";
import { Trouble } from "./Trouble";

export function LeadList() {
  const [page, setPage] = useState(1);
  const [search, setSearch] = useState("");
  const leads = useLeads(page, useDeferredValue(search)); // the answer to an older search is dropped
  const { data } = leads;
  const pages = Math.max(1, Math.ceil((data?.total ?? 0) / pageSize));
  return (
    <section aria-label="Leads" aria-busy={leads.isFetching}>
      <h1>Leads</h1>
      <label>
        Search
        <input
          type="search"
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setPage(1);
          }}
        />
      </label>
      <Trouble
        error={leads.error ?? leads.failureReason}
        waiting={leads.isFetching}
        paused={leads.isPaused}
        onRetry={() => void leads.refetch()}
      />
      {data === undefined && leads.isFetching && leads.failureCount === 0 && <p role="status">Loading …</p>}
      {data !== undefined && <Table leads={data.leads} />}
      {data !== undefined && data.unreadable > 0 && <p role="note">{data.unreadable} of these leads cannot be shown: what came of them is no lead.</p>}
      {data !== undefined && (
        <nav aria-label="Pages">
          <button type="button" disabled={page <= 1} onClick={() => setPage(page - 1)}>
            Previous
          </button>
          <span>
            Page {page}
            {data.total !== null && ` of ${pages}, ${data.total} leads`}
          </span>
          <button type="button" disabled={data.total !== null ? page >= pages : data.leads.length < pageSize} onClick={() => setPage(page + 1)}>
            Next
          </button>
        </nav>
      )}
    </section>
  );
}

const nothing = "–";

function Table({ leads }: { leads: Lead[] }) {
  if (leads.length === 0) return <p>No lead is to be shown.</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">E-mail</th>
          <th scope="col">Status</th>
        </tr>
      </thead>
      <tbody>
        {leads.map((lead) => (
          <tr key={lead.id}>
            <td>
              <a href={`#/leads/${encodeURIComponent(lead.id)}`}>{`${lead.firstName} ${lead.lastName}`.trim() || nothing}</a>
            </td>
            <td>{lead.email || nothing}</td>
            <td>{lead.status || nothing}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
