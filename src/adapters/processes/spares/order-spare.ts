import { readFile } from 'node:fs/promises';
import { spareOrderPath, spareTokenHeader, type SpareOrder } from '../../../schemas/replica/spare-order.ts';

const { request } = process.getBuiltinModule('node:http');

const orderTimeoutMs = 10_000;

/** Sends a spare its order. Returns null once the spare has taken it; else why it may not have. */
export async function orderSpare(
  { port, tokenFile }: { readonly port: number; readonly tokenFile: string },
  order: SpareOrder,
): Promise<string | null> {
  const token = await readFile(tokenFile, 'utf8').catch(() => null);
  if (token === null) return 'its token cannot be read';
  const body = JSON.stringify(order);
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        path: spareOrderPath,
        method: 'POST',
        agent: false,
        timeout: orderTimeoutMs,
        headers: {
          [spareTokenHeader]: token.trim(),
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200 ? null : `it answered ${response.statusCode ?? 0}`);
      },
    );
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error) => resolve(error.message));
    outgoing.end(body);
  });
}
