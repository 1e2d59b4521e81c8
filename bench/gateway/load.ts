import type { Load } from './wrk.ts';

/** One row of the digits example: 784 numbers, 1.8 kB of JSON. */
const pixels = Array.from({ length: 784 }, (_, index) => (index % 9 === 0 ? 0.5 : 0));
const inferBody = JSON.stringify({
  inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 784], data: pixels }],
});
const json = { 'content-type': 'application/json' };

export function inferLoad(url: string): Load {
  return { url, path: '/v2/models/digits/infer', headers: json, body: inferBody };
}

/**
 * As many bytes, in the only form that Portkey takes: its OpenAI provider with the upstream as custom host. It has no mode
 * that passes a request on as it is.
 */
export function chatLoad(url: string, upstream: string): Load {
  const headers = {
    ...json,
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `${upstream}/v1`,
    authorization: 'Bearer bench',
  };
  const empty = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: '' }] });
  const content = 'x'.repeat(inferBody.length - empty.length);
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
  return { url, path: '/v1/chat/completions', headers, body };
}
