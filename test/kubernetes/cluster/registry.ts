import { createReadStream, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pipeline } from 'node:stream/promises';
import { ports, type ClusterPlace } from './place.ts';

export const registryAddress = `127.0.0.1:${ports.registry}`;

/** Where images lie: `blobs/DIGEST`, and `tags/NAME/TAG`, which holds a digest. Images are put there as files. */
export const imageFolder = (place: ClusterPlace): string => path.join(place.folder, 'images');

/**
 * A registry that gives what lies in the image folder. An image NAME is also there as `slow-RATE/NAME`: its blobs come
 * with that many bytes per second, so that a pull takes its time.
 */
export async function startRegistry(place: ClusterPlace): Promise<void> {
  for (const name of ['blobs', 'tags']) mkdirSync(path.join(imageFolder(place), name), { recursive: true });
  const server = createServer((request, response) => {
    void answer(place, request.method ?? 'GET', request.url ?? '/', response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(ports.registry, '127.0.0.1', resolve));
}

async function answer(place: ClusterPlace, method: string, url: string, response: ServerResponse): Promise<void> {
  if (url === '/v2/') return void response.writeHead(200).end();
  const [, rate, name, kind, reference] = /^\/v2\/(?:slow-(\d+)\/)?(.+)\/(manifests|blobs)\/([^?]+)/.exec(url) ?? [];
  const file = name === undefined || reference === undefined ? null : blobFile(place, name, reference);
  if (file === null || !existsSync(file)) return void response.writeHead(404).end();
  const type = kind === 'manifests' ? readType(file) : 'application/octet-stream';
  response.writeHead(200, {
    'content-type': type,
    'content-length': statSync(file).size,
    'docker-content-digest': path.basename(file),
  });
  if (method === 'HEAD') return void response.end();
  const bytes = createReadStream(file);
  if (rate === undefined || kind === 'manifests') return await pipeline(bytes, response);
  return await pipeline(bytes, (chunks: AsyncIterable<Buffer>) => slowed(chunks, Number(rate)), response);
}

async function* slowed(chunks: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    await delay((chunk.length / bytesPerSecond) * 1_000);
  }
}

function blobFile(place: ClusterPlace, name: string, reference: string): string | null {
  const folder = imageFolder(place);
  if (reference.startsWith('sha256:')) return path.join(folder, 'blobs', reference);
  const tag = path.join(folder, 'tags', name, reference);
  return existsSync(tag) ? path.join(folder, 'blobs', readFileSync(tag, 'utf8')) : null;
}

function readType(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { mediaType: string }).mediaType;
}
