// TanStack Query calls a function that throws, repeats it, and keeps the result for the page. Here it calls fetch.

import { MutationObserver, QueryClient, QueryObserver } from '@tanstack/query-core';

import { nextDelay, repeatable } from './conduct.mjs';
import * as http from './fetch.mjs';

export const name = 'TanStack Query';

/** What useQuery and useMutation do, without React. */
function sender(send, queries) {
  const client = new QueryClient({ defaultOptions: { queries: { gcTime: 0, ...queries } } });
  return (method, path, more) =>
    method === 'GET'
      ? settled(new QueryObserver(client, { queryKey: [path, more], queryFn: () => send('GET', path, more) }))
      : new MutationObserver(client, { mutationFn: () => send(method, path, more) }).mutate();
}

/** Waits until a query has its data, or has given up. */
function settled(observer) {
  return new Promise((resolve, reject) => {
    const stop = observer.subscribe((result) => {
      if (result.isPending) return;
      queueMicrotask(() => stop());
      if (result.isError) reject(result.error);
      else resolve(result.data);
    });
  });
}

export const plain = (options) => sender(http.plain(options), { retry: false });

/** As it comes in a browser: three retries of a query, after 1, 2 and 4 seconds, whatever the answer says. */
export const usual = (options) => sender(http.plain(options), { retry: 3 });

export const patient = (options) =>
  sender(http.plain(options), {
    retry: (failures, error) => failures < 3 && repeatable('GET', failure(error).status),
    retryDelay: (failures, error) => nextDelay(failures + 1, failure(error).header?.('Retry-After'), options.longest),
  });

export const renewing = (options) => sender(http.renewing(options), { retry: false });

export const { failure, faults } = http;
