// The access token of this tab. Components follow it with useSyncExternalStore.

const place = "salesos-token";
const listeners = new Set<() => void>();
let current: string | null = sessionStorage.getItem(place);
let had = current !== null;

export const token = {
  get: () => current,
  had: () => had, // somebody was logged in before
  set(value: string | null) {
    current = value;
    had ||= value !== null;
    if (value === null) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, value);
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
