import * as z from 'zod';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { Quantity } from '../../core/units/quantity/quantity.ts';
import { readBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';
import { readPlainYaml } from '../source/plain-yaml.ts';
import { replicaEnvironment } from './replica-environment.ts';

/** What `serve-model` runs with, whichever of flag, variable, file or default it came from. */
export interface ModelServerSettings {
  readonly model: { readonly name: string; readonly path: string; readonly version: number | null };
  /** Digest of each file, relative to `model.path`; null when nobody pinned them. */
  readonly pinnedFiles: Readonly<Record<string, string>> | null;
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Rows of the largest batch that is formed; 1 turns batching off. */
  readonly maxBatchRows: number;
  /** How long the first request of a batch waits for others; 0 takes what has arrived when the engine is free. */
  readonly maxDelayMs: number;
  /** Requests that may wait for the engine, for one model version. */
  readonly queueLimit: number;
  /** For requests that send no `plimsoll-deadline-ms`. */
  readonly deadlineMs: number;
  /** Threads of one inference. */
  readonly threads: number;
  readonly drainTimeoutMs: number;
  readonly maxBodyBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** What this node is checked against before weights are loaded; null: nothing. */
  readonly contract: StartContract | null;
}

export interface StartContract {
  readonly file: string;
  /** Null: the contract's only one. */
  readonly environment: string | null;
  /**
   * `asked`: somebody named it, so that not being able to read it is an error. `platform`: a replica that went out on its
   * evidence is not held up by a contract that is just being edited.
   */
  readonly by: 'asked' | 'platform';
}

/** A duration as text with its unit, or as a bare number of milliseconds (the form of the command line). */
const durationMs = quantity(readDuration, 'ms');
const bytes = quantity(readBytes, 'B');
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** Keys of server.yaml, which are the flags in camel case. */
const fileSchema = z
  .object({
    host: z.string().min(1),
    port: whole(0, 65535),
    maxBatch: whole(1, 65536),
    maxDelay: durationMs,
    queue: whole(1, 1_000_000),
    deadline: durationMs,
    threads: whole(1, 1024),
    drainTimeout: durationMs,
    maxBody: bytes,
    headersTimeout: durationMs,
    bodyTimeout: durationMs,
  })
  .partial();

const keys = Object.keys(fileSchema.shape);

export interface SettingsSources {
  /** Flags in camel case; the `model` flag is `NAME=PATH`. */
  readonly flags: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly path: string; readonly text: string } | null;
  readonly cores: number;
}

/** Flag, else variable, else server.yaml, else default. @throws PlimsollError `settings-invalid` (input). */
export function readModelServerSettings(sources: SettingsSources): ModelServerSettings {
  const { flags, env } = sources;
  const {
    model: modelFlag,
    version: versionFlag,
    contract: contractFlag,
    environment: environmentFlag,
    ...rest
  } = flags;
  const file = sources.file === null ? {} : readKeys(readYaml(sources.file), sources.file.path);
  const variables = readKeys(
    present({ host: env[replicaEnvironment.host], port: env[replicaEnvironment.port] }),
    'the environment',
  );
  const given = { ...file, ...variables, ...readKeys(rest, 'the command line') };
  return {
    model: readModel(modelFlag, versionFlag, env),
    pinnedFiles: modelFlag === undefined ? readPinnedFiles(env[replicaEnvironment.modelFiles]) : null,
    host: given.host ?? '127.0.0.1',
    port: given.port ?? 9000,
    maxBatchRows: given.maxBatch ?? 64,
    maxDelayMs: given.maxDelay ?? 0,
    queueLimit: given.queue ?? 1024,
    deadlineMs: given.deadline ?? 30_000,
    // One core stays with the event loop, which parses requests meanwhile.
    threads: given.threads ?? Math.max(1, sources.cores - 1),
    drainTimeoutMs: given.drainTimeout ?? 20_000,
    maxBodyBytes: given.maxBody ?? 32 * 1024 * 1024,
    headersTimeoutMs: given.headersTimeout ?? 10_000,
    bodyTimeoutMs: given.bodyTimeout ?? 30_000,
    contract: readStartContract(contractFlag, environmentFlag, env),
  };
}

function readStartContract(
  flag: string | undefined,
  environmentFlag: string | undefined,
  env: SettingsSources['env'],
): StartContract | null {
  if (flag !== undefined) return { file: flag, environment: environmentFlag ?? null, by: 'asked' };
  const file = env[replicaEnvironment.contract];
  if (file === undefined || file === '') return null;
  return { file, environment: env[replicaEnvironment.environment] ?? null, by: 'platform' };
}

function readModel(
  flag: string | undefined,
  versionFlag: string | undefined,
  env: SettingsSources['env'],
): ModelServerSettings['model'] {
  const version = readVersion(versionFlag ?? (flag === undefined ? env[replicaEnvironment.modelVersion] : undefined));
  if (flag !== undefined) {
    const at = flag.indexOf('=');
    const [name, path] = [flag.slice(0, at), flag.slice(at + 1)];
    if (at < 1 || path === '') throw invalid(`--model ${flag}: expected NAME=PATH`, '--model digits=model.onnx');
    return { name, path, version };
  }
  const [name, path] = [env[replicaEnvironment.modelName], env[replicaEnvironment.modelDir]];
  if (name === undefined || name === '' || path === undefined || path === '') {
    throw invalid(
      'no model to serve',
      'plimsoll serve-model --model NAME=PATH, where PATH is a .onnx file or a folder',
    );
  }
  return { name, path, version };
}

function readVersion(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw invalid(`the model version must be a whole number from 1, got \`${text}\``, '--version 2');
}

const pinnedSchema = z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/));

function readPinnedFiles(text: string | undefined): Readonly<Record<string, string>> | null {
  if (text === undefined || text === '') return null;
  try {
    return pinnedSchema.parse(JSON.parse(text));
  } catch {
    throw invalid(
      `${replicaEnvironment.modelFiles} must be JSON of file name to digest`,
      'leave it to the platform, or write {"model.onnx": "sha256:<64 hexadecimal digits>"}',
    );
  }
}

function readYaml(file: { readonly path: string; readonly text: string }): Readonly<Record<string, unknown>> {
  const read = readPlainYaml(file.text);
  if (!read.ok) throw invalid(`${file.path} is not YAML: ${read.reason}`, 'mend that line');
  const { value } = read;
  if (value === null || value === undefined) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw invalid(`${file.path} must hold keys and values`, `known keys: ${keys.join(', ')}`);
}

function readKeys(values: Readonly<Record<string, unknown>>, where: string): z.infer<typeof fileSchema> {
  for (const key of Object.keys(values)) {
    if (keys.includes(key)) continue;
    const meant = nearest(key, keys);
    throw invalid(
      `${where}: unknown key \`${key}\`${meant === null ? '' : `; did you mean \`${meant}\`?`}`,
      `known keys: ${keys.join(', ')}`,
    );
  }
  const result = fileSchema.safeParse(values);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const key = String(issue?.path[0] ?? '');
  throw invalid(`${where}: ${key}: ${issue?.message ?? ''}`, 'plimsoll serve-model --help says what each takes');
}

function present(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

function quantity(read: (text: string) => Quantity<number>, bareUnit: string) {
  return z.union([z.string(), z.number()]).transform((value, context): number => {
    const bare = typeof value === 'number' || /^\d+(\.\d+)?$/.test(value);
    const result = read(bare ? `${value}${bareUnit}` : value);
    if (result.ok) return result.value;
    context.addIssue({ code: 'custom', message: `\`${value}\` cannot be read; expected ${result.expected}` });
    return z.NEVER;
  });
}

function invalid(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'settings-invalid', category: 'input', message, next });
}
