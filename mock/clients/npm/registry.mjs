// A registry on the loopback, for the test: it keeps what `npm publish` sends, and serves it as a registry does.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts it, and gives its address, the settings with which npm uses it, and its end. */
export async function startRegistry() {
  const documents = new Map();
  const server = createServer(async (request, response) => {
    const [name, file] = decodeURIComponent(new URL(request.url, 'http://localhost').pathname.slice(1)).split('/-/');
    if (request.method === 'PUT') documents.set(name, merge(documents.get(name), await body(request)));
    answer(response, documents.get(name), file);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${server.address().port}/`;
  return {
    /** npm's settings, as environment. */
    settings: { npm_config_registry: address, [`npm_config_${address.slice('http:'.length)}:_authToken`]: 'none' },
    names: () => [...documents.keys()],
    tags: (name) => documents.get(name)['dist-tags'],
    stop: () => server.close(),
  };
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

const merge = (before, document) => ({
  ...document,
  versions: { ...before?.versions, ...document.versions },
  'dist-tags': { ...before?.['dist-tags'], ...document['dist-tags'] },
  _attachments: { ...before?._attachments, ...document._attachments },
});

function answer(response, document, file) {
  if (!document) {
    response.writeHead(404).end('{}');
  } else if (file) {
    // The name of an attachment has the scope in it, the address has not.
    const found = Object.entries(document._attachments).find(([name]) => name.endsWith(file));
    response.end(Buffer.from(found[1].data, 'base64'));
  } else {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ...document, _attachments: undefined }));
  }
}
