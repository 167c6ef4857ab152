import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { FormEvent } from "react";
import { login } from "./api";
import { explain, Problem } from "./problem";
import { token } from "./token";

// Login is shown as long as there is no token. The rest of the page stays as it is meanwhile, with what was typed.
export function Login({ again }: { again: boolean }) {
  const client = useQueryClient();
  const [trouble, setTrouble] = useState("");
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setTrouble("");
    try {
      token.set(await login(String(data.get("email")), String(data.get("password"))));
      client.removeQueries({ type: "inactive" }); // they may be what another user was shown
      void client.refetchQueries({ type: "active" });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setTrouble(error.status === 401 ? "This e-mail and password do not belong together." : explain(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="card" onSubmit={submit} aria-label="Log in">
      <h1>Log in</h1>
      {again && <p>Your session is over. After the login you go on where you were.</p>}
      <label>
        E-mail
        <input name="email" type="email" autoComplete="username" required />
      </label>
      <label>
        Password
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      {trouble !== "" && <p role="alert">{trouble}</p>}
      <button disabled={busy}>{busy ? "Logging in …" : "Log in"}</button>
    </form>
  );
}
