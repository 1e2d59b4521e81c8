import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { apiServer, fileOf, type ClusterPlace } from './place.ts';

export interface ApiReply {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- objects of many kinds, read by tests alone
  readonly body: any;
}

/** One call to the API server with everything allowed, unless another token is named. */
export function callApi(
  place: ClusterPlace,
  method: string,
  at: string,
  body?: object,
  options: { readonly token?: string; readonly contentType?: string } = {},
): Promise<ApiReply> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${options.token ?? 'admin-token'}`,
      'content-type': options.contentType ?? 'application/json',
    };
    const url = new URL(at, apiServer);
    const ca = readFileSync(fileOf.authority(place));
    const sent = request(url, { method, headers, ca, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body: isJson(response) ? JSON.parse(text) : text });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer for ${method} ${at}`)));
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  headers['content-type']?.includes('application/json') === true;

/** As `callApi`, for calls that must succeed. */
export async function demandApi(
  place: ClusterPlace,
  method: string,
  at: string,
  body?: object,
  contentType?: string,
): Promise<ApiReply['body']> {
  const reply = await callApi(place, method, at, body, contentType === undefined ? {} : { contentType });
  if (reply.status < 200 || reply.status > 299) {
    throw new Error(`${method} ${at} answered ${reply.status}: ${JSON.stringify(reply.body).slice(0, 500)}`);
  }
  return reply.body;
}
