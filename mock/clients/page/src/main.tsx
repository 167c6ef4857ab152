import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { LeadForm } from "./LeadForm";
import { LeadList } from "./LeadList";
import { LeadView } from "./LeadView";
import { Login } from "./Login";
import { token } from "./token";
import "./style.css";

const client = new QueryClient({ defaultOptions: { queries: { staleTime: 10_000 } } });

function follow(changed: () => void) {
  addEventListener("hashchange", changed);
  return () => removeEventListener("hashchange", changed);
}

function App() {
  const loggedIn = useSyncExternalStore(token.subscribe, token.get) !== null;
  const route = useSyncExternalStore(follow, () => location.hash);
  const [, id] = /^#\/leads\/(.+)$/.exec(route) ?? [];
  return (
    <>
      {!loggedIn && <Login again={token.had()} />}
      <main hidden={!loggedIn}>{token.had() && (id ? <LeadView key={id} id={decodeURIComponent(id)} /> : <Leads />)}</main>
    </>
  );
}

function Leads() {
  return (
    <>
      <LeadList />
      <LeadForm />
    </>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
