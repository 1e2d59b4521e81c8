import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { Load, Quantiles, ToolResult } from './loads.ts';

/** Generators of load from PyPI, each with the version that is compared. GuideLLM brings PyTorch: 6 GB, once. */
export const peers = [
  { name: 'guidellm', packages: ['guidellm==0.5.4'], program: 'guidellm' },
  { name: 'aiperf', packages: ['aiperf==0.11.0'], program: 'aiperf' },
] as const;
export type Peer = (typeof peers)[number];

const pythons = ['python3.11', 'python3.12', 'python3'] as const;
const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'plimsoll-bench');

/** The program of a peer in the user's cache, installed once; or why there is none. */
export function findPeer(peer: Peer, say: (line: string) => void): { readonly path: string } | string {
  const folder = path.join(cache, 'capacity-peers', peer.name);
  const program = path.join(folder, 'bin', peer.program);
  if (existsSync(program)) return { path: program };
  const python = pythons.find((each) => spawnSync(each, ['--version']).status === 0);
  if (python === undefined) return `none of ${pythons.join(', ')} is here`;
  say(`installing ${peer.packages.join(' ')} into ${folder} (once)`);
  mkdirSync(path.dirname(folder), { recursive: true });
  const pip = path.join(folder, 'bin', 'python');
  for (const [command, args] of [
    [python, ['-m', 'venv', folder]],
    [pip, ['-m', 'pip', 'install', '--quiet', '--no-input', ...peer.packages]],
  ] as const) {
    const run = spawnSync(command, args, { encoding: 'utf8', timeout: 1_800_000 });
    if (run.status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    return `${peer.packages.join(' ')} cannot be had: ${(run.stderr || String(run.error)).trim().slice(-300)}`;
  }
  return existsSync(program) ? { path: program } : `${peer.name} has no program ${peer.program}`;
}

/** Runs a peer against a server and returns what it measured, or why it did not. */
export async function runPeer(
  peer: Peer,
  program: string,
  load: Load,
  {
    endpoint,
    prompts,
    folder,
  }: { readonly endpoint: string; readonly prompts: readonly string[]; readonly folder: string },
): Promise<ToolResult | string> {
  const place = path.join(folder, `${peer.name}-${load.name}`);
  mkdirSync(place, { recursive: true });
  const args =
    peer.name === 'guidellm'
      ? guidellmArgs(load, endpoint, prompts, place)
      : aiperfArgs(load, endpoint, prompts, place);
  const failure = await runProgram(program, args, place);
  if (failure !== null) return failure;
  try {
    return peer.name === 'guidellm' ? readGuidellm(place) : readAiperf(place);
  } catch (thrown) {
    return `its report cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}

function runProgram(program: string, args: readonly string[], cwd: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, NO_COLOR: '1' }, timeout: 300_000 });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2_000)));
    child.once('error', (thrown) => resolve(thrown.message));
    child.once('close', (status) =>
      resolve(status === 0 ? null : `it ended with ${status}: ${said.trim().slice(-300)}`),
    );
  });
}

const linesOf = (rows: readonly object[]): string => `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;

/** Without a tokenizer it takes the counts of the server. */
function guidellmArgs(load: Load, endpoint: string, prompts: readonly string[], place: string): readonly string[] {
  const data = path.join(place, 'prompts.jsonl');
  writeFileSync(data, linesOf(prompts.map((prompt) => ({ prompt, output_tokens_count: load.tokensOut }))));
  const profile =
    load.kind === 'closed' ? ['concurrent', String(load.concurrency)] : ['poisson', String(load.perSecond)];
  return [
    ...['benchmark', 'run', '--target', endpoint, '--model', 'tokens', '--data', data, '--processor', ''],
    ...['--request-type', 'chat_completions', '--profile', profile[0] ?? '', '--rate', profile[1] ?? ''],
    ...['--max-seconds', String(load.seconds), '--warmup', '0.1', '--output-dir', place, '--outputs', 'json'],
    ...['--disable-console-interactive', '--random-seed', '1'],
  ];
}

/** It wants a tokenizer although it is told to take the counts of the server: one that splits words, in two files. */
function aiperfArgs(load: Load, endpoint: string, prompts: readonly string[], place: string): readonly string[] {
  const data = path.join(place, 'prompts.jsonl');
  writeFileSync(data, linesOf(prompts.map((text) => ({ text, output_length: load.tokensOut }))));
  const tokenizer = path.join(place, 'tokenizer');
  mkdirSync(tokenizer, { recursive: true });
  const model = { type: 'WordLevel', vocab: { '[UNK]': 0, ship: 1 }, unk_token: '[UNK]' };
  const parts = {
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    post_processor: null,
    decoder: null,
  };
  const split = { pre_tokenizer: { type: 'Whitespace' } };
  writeFileSync(path.join(tokenizer, 'tokenizer.json'), JSON.stringify({ version: '1.0', ...parts, ...split, model }));
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', unk_token: '[UNK]', model_max_length: 1_000_000 };
  writeFileSync(path.join(tokenizer, 'tokenizer_config.json'), JSON.stringify(config));
  return [
    ...['profile', '--model', 'tokens', '--url', endpoint, '--endpoint-type', 'chat', '--streaming'],
    ...['--input-file', data, '--custom-dataset-type', 'single_turn', '--tokenizer', tokenizer],
    ...['--use-server-token-count', '--use-legacy-max-tokens', '--extra-inputs', `max_tokens:${load.tokensOut}`],
    ...(load.kind === 'closed'
      ? ['--concurrency', String(load.concurrency)]
      : ['--request-rate', String(load.perSecond), '--arrival-pattern', 'poisson']),
    ...['--benchmark-duration', String(load.seconds), '--warmup-request-count', '8', '--random-seed', '1'],
    // It empties this folder before it begins.
    ...['--output-artifact-dir', path.join(place, 'out'), '--ui', 'simple', '--no-gpu-telemetry'],
  ];
}

interface GuidellmMetric {
  readonly successful: { readonly count: number; readonly percentiles: { readonly p50: number; readonly p99: number } };
}

function readGuidellm(place: string): ToolResult {
  const report = JSON.parse(readFileSync(path.join(place, 'benchmarks.json'), 'utf8')) as {
    readonly benchmarks: readonly { readonly metrics: Readonly<Record<string, GuidellmMetric>> }[];
  };
  const metrics = report.benchmarks[0]?.metrics ?? {};
  const read = (name: string, toMs = 1): Quantiles => {
    const { p50, p99 } = metrics[name]?.successful.percentiles ?? { p50: NaN, p99: NaN };
    return { p50: p50 * toMs, p99: p99 * toMs };
  };
  return {
    requests: metrics['request_latency']?.successful.count ?? 0,
    ttft: read('time_to_first_token_ms'),
    interToken: read('inter_token_latency_ms'),
    latency: read('request_latency', 1_000),
  };
}

function readAiperf(place: string): ToolResult {
  const report = JSON.parse(readFileSync(path.join(place, 'out', 'profile_export_aiperf.json'), 'utf8')) as Readonly<
    Record<string, { readonly p50?: number; readonly p99?: number; readonly count?: number }>
  >;
  const read = (name: string): Quantiles => ({ p50: report[name]?.p50 ?? NaN, p99: report[name]?.p99 ?? NaN });
  return {
    requests: report['request_latency']?.count ?? 0,
    ttft: read('time_to_first_token'),
    interToken: read('inter_token_latency'),
    latency: read('request_latency'),
  };
}
