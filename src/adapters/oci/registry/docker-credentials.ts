import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { imageError } from '../image-errors.ts';

export type Credentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** Exchanged for an access token at the registry's token server. */
  | { readonly kind: 'identity-token'; readonly token: string };

const helperTimeoutMs = 15_000;
const configBytesAtMost = 1024 * 1024;

/** https://github.com/docker/cli/blob/master/man/src/config.md, and the same file of podman and skopeo. */
const text = z
  .string()
  .nullish()
  .transform((written) => written ?? '');
const entryForm = z.object({ auth: text, username: text, password: text, identitytoken: text });
const configForm = z.object({
  auths: z
    .record(z.string(), entryForm)
    .nullish()
    .transform((entries) => entries ?? {}),
  credHelpers: z
    .record(z.string(), z.string())
    .nullish()
    .transform((helpers) => helpers ?? {}),
  credsStore: text,
});
type DockerConfig = z.infer<typeof configForm>;

const answerForm = z.object({ Username: z.string(), Secret: z.string() });

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What `docker login` left for a registry: a helper of that registry, then the general helper, then the file itself. Null
 * where nothing is known, which is enough for public images.
 * @throws PlimsollError `registry-credentials` (input) when the file or a helper cannot be used.
 */
export async function findCredentials(registry: string, env: Env, signal: AbortSignal): Promise<Credentials | null> {
  for (const file of configFiles(env)) {
    const config = await readConfigFile(file);
    const found = config === null ? null : await credentialsIn(config, registry, env, signal);
    if (found !== null) return found;
  }
  return null;
}

function configFiles(env: Env): readonly string[] {
  const folder = env['DOCKER_CONFIG'];
  const home = env['HOME'] ?? homedir();
  const docker = path.join(folder === undefined || folder === '' ? path.join(home, '.docker') : folder, 'config.json');
  const named = env['REGISTRY_AUTH_FILE'];
  const runtime = env['XDG_RUNTIME_DIR'];
  return [
    ...(named === undefined || named === '' ? [] : [named]),
    docker,
    ...(runtime === undefined || runtime === '' ? [] : [path.join(runtime, 'containers', 'auth.json')]),
  ];
}

async function readConfigFile(file: string): Promise<DockerConfig | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw unusable(
      `${file} cannot be read: ${error.code ?? error.message}`,
      'let this user read it, or take it away to pull without credentials',
      error,
    );
  });
  if (text === null) return null;
  const parsed = text.length > configBytesAtMost ? undefined : configForm.safeParse(jsonOrNull(text)).data;
  if (parsed === undefined) throw unusable(`${file} is not a Docker configuration`, `docker logout, or mend ${file}`);
  return parsed;
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function credentialsIn(
  config: DockerConfig,
  registry: string,
  env: Env,
  signal: AbortSignal,
): Promise<Credentials | null> {
  const keys = keysOf(registry);
  const helper = keys.flatMap((key) => ownHelper(config, key))[0] ?? config.credsStore;
  if (helper !== '') {
    const answer = await askHelper(helper, keys[0] ?? registry, env, signal);
    if (answer !== null) return answer;
  }
  for (const [key, { auth, username, password, identitytoken }] of Object.entries(config.auths)) {
    if (!keys.includes(key) && !keys.includes(hostOf(key))) continue;
    if (identitytoken !== '') return { kind: 'identity-token', token: identitytoken };
    const written = decodeAuth(auth) ?? { username, password };
    if (written.username !== '') return { kind: 'password', ...written };
  }
  return null;
}

const ownHelper = ({ credHelpers }: DockerConfig, key: string): readonly string[] =>
  Object.hasOwn(credHelpers, key) ? [credHelpers[key] ?? ''] : [];

/** Docker Hub goes by the address of its index of old. */
const keysOf = (registry: string): readonly string[] =>
  registry === 'docker.io'
    ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io']
    : [registry, `https://${registry}`];

const hostOf = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/(?:v[12]\/?)?$/, '');

/** `NAME:PASSWORD` in base64; null where it is neither. */
function decodeAuth(auth: string): { readonly username: string; readonly password: string } | null {
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) return null;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}

/** https://github.com/docker/docker-credential-helpers: the registry on stdin, JSON on stdout. */
async function askHelper(helper: string, server: string, env: Env, signal: AbortSignal): Promise<Credentials | null> {
  const program = `docker-credential-${helper}`;
  if (!/^[\w.-]{1,100}$/.test(helper)) throw unusable(`\`${program}\` is not the name of a program`, 'docker login');
  const { error, stdout } = await new Promise<{ readonly error: Error | null; readonly stdout: string }>((resolve) => {
    const options = {
      env: { ...env },
      timeout: helperTimeoutMs,
      maxBuffer: 64 * 1024,
      signal,
      killSignal: 'SIGKILL',
    } as const;
    const child = execFile(program, ['get'], options, (failure, output) => resolve({ error: failure, stdout: output }));
    child.stdin?.on('error', () => undefined).end(server);
  });
  signal.throwIfAborted();
  if (error !== null) {
    if (/credentials not found/i.test(stdout)) return null;
    throw unusable(
      `${program} gives no credentials for ${server}: ${firstLine(stdout) ?? reasonOf(error)}`,
      `${program} list`,
      error,
    );
  }
  const answer = answerForm.safeParse(jsonOrNull(stdout)).data;
  if (answer === undefined) throw unusable(`${program} does not answer as a credential helper does`, `${program} list`);
  return answer.Username === '<token>'
    ? { kind: 'identity-token', token: answer.Secret }
    : { kind: 'password', username: answer.Username, password: answer.Secret };
}

function firstLine(text: string): string | undefined {
  const line = text.trim().split('\n')[0]?.slice(0, 200);
  return line === '' ? undefined : line;
}

function reasonOf(error: Error & { readonly killed?: boolean; readonly code?: unknown }): string {
  if (error.killed === true) return `no answer within ${helperTimeoutMs / 1000} s`;
  return error.code === 'ENOENT' ? 'it is not installed' : `it ended with ${String(error.code ?? error.message)}`;
}

const unusable = (message: string, next: string, cause?: unknown): Error =>
  imageError('registry-credentials', message, next, cause);
