import { useRef, useState } from "react";
import type { FormEvent } from "react";
import { useCreate } from "./leads";
import type { Draft } from "./leads";
import { explain, isStatus, mayHaveHappened, Problem } from "./problem";
import { freeAgain } from "./retry";
import { useSeconds } from "./Trouble";

const labels: Record<keyof Draft, string> = { firstName: "First name", lastName: "Last name", email: "E-mail", company: "Company" };
const fields = Object.keys(labels) as (keyof Draft)[];
const blank: Draft = { firstName: "", lastName: "", email: "", company: "" };

// place sorts what the server says: each message of a validation begins with the field that it is about.
function place(problem: Problem | null): { at: Partial<Record<keyof Draft, string>>; rest: string } {
  const at: Partial<Record<keyof Draft, string>> = {};
  if (problem === null) return { at, rest: "" };
  if (isStatus(problem, 409)) return { at: { email: problem.messages.join(". ") }, rest: "" };
  if (!isStatus(problem, 400)) return { at, rest: explain(problem) };
  const rest: string[] = [];
  for (const message of problem.messages) {
    const field = fields.find((name) => message.startsWith(`${name} `));
    if (field) at[field] = message.replace(field, labels[field]);
    else rest.push(message);
  }
  return { at, rest: rest.join(". ") };
}

export function LeadForm() {
  const [draft, setDraft] = useState(blank);
  const [unclear, setUnclear] = useState(false); // an earlier try may have been carried out
  const sending = useRef(false); // isPending comes too late for the second of two fast clicks
  const create = useCreate();
  const problem = create.error instanceof Problem ? create.error : null;
  const seconds = useSeconds(create.isPending ? null : freeAgain(problem));
  const { at, rest } = place(problem);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const twice = sending.current || (create.isSuccess && draft === blank); // a double click is one lead
    if (twice || seconds > 0) return;
    sending.current = true;
    create.mutate(
      { draft, again: unclear },
      {
        onSuccess: () => {
          setDraft(blank);
          setUnclear(false);
        },
        onSettled: () => {
          sending.current = false;
        },
        onError: (error) => setUnclear(unclear || mayHaveHappened(error)),
      },
    );
  };
  return (
    <form className="card" onSubmit={submit} noValidate aria-label="New lead">
      <h2>New lead</h2>
      {fields.map((name) => (
        <Field
          key={name}
          name={name}
          value={draft[name]}
          trouble={at[name]}
          onChange={(value) => {
            setDraft({ ...draft, [name]: value });
            if (name === "email") setUnclear(false); // another e-mail is another lead
          }}
        />
      ))}
      {rest !== "" && <p role="alert">{rest}</p>}
      {unclear && !create.isPending && <p>It may have been saved all the same. If you send it again, it will not be there twice.</p>}
      {create.data && <p role="status">{`${create.data.firstName} ${create.data.lastName} is saved.`}</p>}
      <button disabled={create.isPending || seconds > 0}>{create.isPending ? "Saving …" : seconds > 0 ? `Save (in ${seconds} s)` : "Save"}</button>
    </form>
  );
}

interface FieldProps {
  name: keyof Draft;
  value: string;
  trouble: string | undefined;
  onChange: (value: string) => void;
}

function Field({ name, value, trouble, onChange }: FieldProps) {
  return (
    <div>
      <label htmlFor={name}>{labels[name]}</label>
      <input
        id={name}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={trouble !== undefined}
        aria-describedby={trouble === undefined ? undefined : `${name}-trouble`}
      />
      {trouble !== undefined && (
        <p className="at-field" id={`${name}-trouble`} role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}
