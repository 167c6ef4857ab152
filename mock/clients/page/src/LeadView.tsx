import { useConvert, useLead, useRemove } from "./leads";
import { explain, isStatus, Problem } from "./problem";
import { Trouble } from "./Trouble";

export function LeadView({ id }: { id: string }) {
  const lead = useLead(id);
  const convert = useConvert(id);
  const remove = useRemove(id);
  const refused = [convert.error, remove.error].find((error) => error instanceof Problem);
  const busy = convert.isPending || remove.isPending;
  return (
    <section className="card" aria-label="Lead" aria-busy={lead.isFetching}>
      <a href="#/">All leads</a>
      {remove.isSuccess && <p role="status">The lead is deleted.</p>}
      {!remove.isSuccess && (
        <Trouble
          error={lead.error ?? lead.failureReason}
          waiting={lead.isFetching}
          paused={lead.isPaused}
          {...(isStatus(lead.error, 404) ? {} : { onRetry: () => void lead.refetch() })}
        />
      )}
      {lead.isPending && lead.failureCount === 0 && <p role="status">Loading …</p>}
      {lead.data && !remove.isSuccess && (
        <>
          <h1>{`${lead.data.firstName} ${lead.data.lastName}`}</h1>
          <p>
            {lead.data.company} {lead.data.status}
          </p>
          {refused && <p role="alert">{explain(refused)}</p>}
          {convert.isSuccess && <p role="status">The lead is converted.</p>}
          <button type="button" disabled={busy} onClick={() => convert.mutate()}>
            {convert.isPending ? "Converting …" : "Convert"}
          </button>
          <button type="button" disabled={busy} onClick={() => remove.mutate()}>
            {remove.isPending ? "Deleting …" : "Delete"}
          </button>
        </>
      )}
    </section>
  );
}
