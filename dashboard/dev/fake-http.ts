import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { linkFrom } from '../../src/control-plane/http/page-links.ts';

/** The policy that the page is made for; the browser reports each violation, and a test counts them. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const distFolder = join(import.meta.dirname, '..', 'dist');
const maxBodyBytes = 2_000_000;

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

export function writeEvent(stream: ServerResponse, event: string, data: unknown): void {
  stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

export function keepOpen(response: ServerResponse, streams: Set<ServerResponse>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  response.write(': plimsoll\n\n');
  streams.add(response);
  response.on('close', () => streams.delete(response));
}

export async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const isPage = path === '/' || path === '/services' || path === '/cost' || /^\/services\/[^/]+\/[^/]+$/.test(path);
  const file = normalize(join(distFolder, isPage ? 'index.html' : decodeURIComponent(path)));
  if (!file.startsWith(distFolder + sep)) return sendJson(response, 404, { error: { message: 'not found' } });
  const found = await readFile(file).catch(() => null);
  const bytes = isPage && found !== null ? linkFrom(found.toString(), path) : found;
  if (bytes === null) return sendJson(response, 404, { error: { message: 'not found' } });
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': contentSecurityPolicy,
    'cache-control': 'no-cache',
  });
  response.end(bytes);
}

export async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > maxBodyBytes) throw new RangeError('the body is too large');
  }
  return text;
}
