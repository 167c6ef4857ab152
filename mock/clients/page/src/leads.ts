// The leads, as the page uses them. What comes from the network is looked at before it is believed.

import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call } from "./api";
import { isStatus, mayHaveHappened, Problem } from "./problem";
import { insist, mayRetry, waitBefore } from "./retry";

export interface Lead {
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  company: string;
  status: string;
}

export interface Page {
  leads: Lead[];
  unreadable: number; // records that are none
  total: number | null;
}

export type Draft = Pick<Lead, "firstName" | "lastName" | "email" | "company">;

export const pageSize = 10;

const text = (value: unknown) => (typeof value === "string" ? value : "");

function asLead(value: unknown): Lead | null {
  const record = (typeof value === "object" && value !== null ? value : {}) as Record<keyof Lead, unknown>;
  if (typeof record.id !== "string") return null;
  return {
    id: record.id,
    firstName: text(record.firstName),
    lastName: text(record.lastName),
    email: text(record.email),
    company: text(record.company),
    status: text(record.status),
  };
}

function one(value: unknown): Lead {
  const lead = asLead(value);
  if (lead === null) throw new Problem("broken");
  return lead;
}

async function list(query: string, signal?: AbortSignal): Promise<Page> {
  const { body, headers } = await call("GET", `/leads?${query}`, signal ? { signal } : {});
  if (!Array.isArray(body)) throw new Problem("broken");
  const leads = body.map(asLead).filter((lead) => lead !== null);
  const total = Number(headers.get("X-Total-Count") ?? NaN);
  return { leads, unreadable: body.length - leads.length, total: Number.isNaN(total) ? null : total };
}

export const useLeads = (page: number, search: string) =>
  useQuery({
    queryKey: ["leads", page, search],
    queryFn: ({ signal }) => list(new URLSearchParams({ page: String(page), limit: String(pageSize), search }).toString(), signal),
    placeholderData: keepPreviousData, // the old page stays until the new one is there
    retry: mayRetry,
    retryDelay: waitBefore,
  });

export const useLead = (id: string) =>
  useQuery({
    queryKey: ["lead", id],
    queryFn: async ({ signal }) => one((await call("GET", `/leads/${encodeURIComponent(id)}`, { signal })).body),
    retry: mayRetry,
    retryDelay: waitBefore,
  });

// create sends a lead once. A POST must not be repeated blindly: if nobody knows whether it was carried out, the page looks
// whether the lead is there. `again` says that an earlier try may have done it, so that its "already exists" is no conflict.
export async function create(draft: Draft, again: boolean): Promise<Lead> {
  const body = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== ""));
  try {
    return one((await call("POST", "/leads", { body })).body);
  } catch (error) {
    const unclear = mayHaveHappened(error) || (again && isStatus(error, 409));
    const made = unclear && draft.email !== "" ? await find(draft) : null;
    if (made === null) throw error;
    return made;
  }
}

async function find(draft: Draft): Promise<Lead | null> {
  try {
    const { leads } = await list(new URLSearchParams({ email: draft.email }).toString());
    return leads.find((lead) => lead.firstName === draft.firstName && lead.lastName === draft.lastName) ?? null;
  } catch {
    return null; // it is as unclear as before
  }
}

export function useCreate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ draft, again }: { draft: Draft; again: boolean }) => create(draft, again),
    onSuccess: () => client.invalidateQueries({ queryKey: ["leads"] }),
  });
}

// useConvert and useRemove may be repeated: the second answer then tells that the first one did it.
export function useConvert(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => insist(() => call("POST", `/leads/${encodeURIComponent(id)}/convert`), (error) => isStatus(error, 409)),
    onSuccess: () => client.invalidateQueries(),
  });
}

export function useRemove(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => insist(() => call("DELETE", `/leads/${encodeURIComponent(id)}`), (error) => isStatus(error, 404)),
    onSuccess: () => client.invalidateQueries({ queryKey: ["leads"] }),
  });
}
