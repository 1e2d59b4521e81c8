/** Plimsoll's own image as far as the tests of files need it: it fetches files, and then serves what it finds. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const [command, ...args] = process.argv.slice(2);
if (command === 'fetch-files') {
  const { main } = await import('../../../src/bin/file-fetcher.ts');
  process.exit(await main(args, new AbortController().signal));
}

const home = process.env['PLIMSOLL_HOME'] ?? '';
/** Path of each file below the home, with its digest and mode. */
const filesFound = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(path.join(home, name)).isFile())
      .map((name) => {
        const file = path.join(home, name);
        const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
        return [name, `sha256:${digest} ${(statSync(file).mode & 0o777).toString(8)}`];
      }),
  );

createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(request.url === '/files' ? JSON.stringify({ cwd: process.cwd(), files: filesFound() }) : '{}');
}).listen(Number(process.env['PLIMSOLL_PORT']), '0.0.0.0');
