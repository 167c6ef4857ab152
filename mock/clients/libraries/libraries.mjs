// Every library as this folder uses it. Each exports, under the same names:
//
//   name
//   plain(options)      a client without retries; options are baseUrl, headers and timeout
//   usual(options)      with retries as the library comes
//   patient(options)    with retries as the documentation asks for them; longest is the longest wait, in milliseconds
//   renewing(options)   that renews the token after a 401; options are baseUrl and tokens
//   failure(error)      what can be learnt from what it throws: status, body and header(name), or the reason why there was no answer
//   faults              the reasons that it gives for the faults on the wire
//
// A client is a function (method, path, {json, headers}) that resolves to {status, body, header(name)}.

import * as axios from './axios.mjs';
import * as fetch from './fetch.mjs';
import * as got from './got.mjs';
import * as ky from './ky.mjs';
import * as ofetch from './ofetch.mjs';
import * as tanstackQuery from './tanstack-query.mjs';

export const libraries = [fetch, axios, ky, got, ofetch, tanstackQuery];
