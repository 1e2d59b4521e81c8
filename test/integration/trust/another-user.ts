/**
 * Run as root, becomes the user nobody, and tries all that another user of the machine can: reads every path of a control
 * plane, every file and process that it may, and then writes with whatever it found. Prints what came of it as JSON.
 *
 *   node another-user.ts PAGE-URL STATE-FOLDER
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

const [pageUrl = '', stateFolder = ''] = process.argv.slice(2);
const nobody = 65_534;
const token = /plm_[0-9a-f]{64}/g;
const tokensBefore = ['control-plane.token', 'gateway.token'].map((name) =>
  readFileSync(path.join(stateFolder, 'run', name), 'utf8').trim(),
);
process.setgroups?.([]);
process.setgid?.(nobody);
process.setuid?.(nobody);

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const openapi = (await (await fetch(`${pageUrl}/openapi.json`)).json()) as OpenApi;
const routes = Object.entries(openapi.paths).flatMap(([at, methods]) =>
  Object.keys(methods).map((method) => ({ method: method.toUpperCase(), at: at.replaceAll(/\{\w+\}/g, '1') })),
);
const found: string[] = [];

const read: Record<string, number> = {};
const pages = ['/', '/reference/', '/openapi.json', '/metrics', '/nothing'];
for (const at of [...routes.filter(({ method }) => method === 'GET').map((route) => route.at), ...pages]) {
  const answer = await fetch(pageUrl + at, { signal: AbortSignal.timeout(3_000) });
  read[at] = answer.status;
  const stream = answer.headers.get('content-type')?.includes('event-stream') === true;
  found.push(`${[...answer.headers].join()}${stream ? await firstOf(answer) : await answer.text()}`);
}
found.push(...processesSeen(), ...filesSeen(stateFolder));

const seen = found.join('\n');
const secrets = [...new Set([...(seen.match(token) ?? []), ...tokensBefore.filter((one) => seen.includes(one))])];
const candidates = [...secrets, ...(seen.match(/#code=[\w-]{43}/g) ?? [])];
const writes: Record<string, number> = {};
for (const { method, at } of routes.filter((route) => route.method !== 'GET' && route.at !== '/v1/session')) {
  for (const secret of ['', ...candidates]) {
    const answer = await fetch(pageUrl + at, {
      method,
      headers: { 'content-type': 'application/json', ...(secret === '' ? {} : { authorization: `Bearer ${secret}` }) },
      ...(method === 'POST' ? { body: '{}' } : {}),
    });
    writes[`${method} ${at}`] =
      Math.max(answer.status === 401 ? 0 : answer.status, writes[`${method} ${at}`] ?? 0) || 401;
    await answer.body?.cancel();
  }
}
process.stdout.write(JSON.stringify({ read, writes, secrets }));

async function firstOf(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  const { value } = (await reader?.read()) ?? {};
  await reader?.cancel();
  return Buffer.from(value ?? []).toString('utf8');
}

/** Command lines of every process, and the environments of those that this user may see. */
function processesSeen(): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => ['cmdline', 'environ'].map((name) => contentOf(`/proc/${pid}/${name}`)));
}

function filesSeen(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const file = path.join(folder, name);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats?.isDirectory() === true) return filesSeen(file);
    return stats !== undefined && stats.size < 4_000_000 ? [contentOf(file)] : [];
  });
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
