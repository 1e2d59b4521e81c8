/**
 * What Plimsoll measures of token streams beside GuideLLM, AIPerf and a constant rate in the manner of wrk2, on a simulated engine whose
 * times are stated. Aim: medians of the first token, of the time between tokens and of whole answers differ by at most 5%, or 5 ms where that
 * is more, from the engine's own times and from each peer. p99 stands beside them without an aim: on two cores it is the machine's.
 *
 *   npm run bench -- capacity-peers [--quick] [--json]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { findPeer, peers, runPeer } from './peers.ts';
import { runConstantRate, runOwn, type Load, type ToolResult } from './loads.ts';

const tokens = { in: 64, out: 32, template: 4 };
const engine = { firstMs: 50, perInputMs: 0.1, betweenMs: 10 };
const differenceAtMost = 0.05;
/** A client in Python adds some milliseconds of its own to a first token. */
const clientAtMostMs = 5;
const parts = ['ttft', 'interToken', 'latency'] as const;
type Part = (typeof parts)[number];

const ttftMs = engine.firstMs + engine.perInputMs * (tokens.in + tokens.template);
const truth: Readonly<Record<Part, number>> = {
  ttft: ttftMs,
  interToken: engine.betweenMs,
  latency: ttftMs + engine.betweenMs * (tokens.out - 1),
};

interface Row {
  readonly load: string;
  readonly tool: string;
  readonly result: ToolResult;
}

export async function main(argv: readonly string[]): Promise<number> {
  const seconds = argv.includes('--quick') ? 6 : 30;
  const loads: readonly Load[] = [
    { name: 'closed-4', kind: 'closed', concurrency: 4, seconds, tokensOut: tokens.out },
    { name: 'open-8', kind: 'open', perSecond: 8, seconds, tokensOut: tokens.out },
  ];
  const say = (line: string): void => console.error(line);
  const found = peers.map((peer) => ({ peer, found: findPeer(peer, say) }));
  const skipped: { readonly name: string; readonly why: string }[] = [];
  for (const { peer, found: at } of found) if (typeof at === 'string') skipped.push({ name: peer.name, why: at });
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-capacity-peers-'));
  const server = await startServer();
  const rows: Row[] = [];
  try {
    const { endpoint } = server;
    for (const load of loads) {
      const prompts = makePrompts(Math.ceil(20 * seconds));
      say(`${load.name}: plimsoll`);
      rows.push({ load: load.name, tool: 'plimsoll', result: await runOwn(load, endpoint, prompts) });
      if (load.kind === 'open') {
        say(`${load.name}: constant rate`);
        rows.push({ load: load.name, tool: 'constant-rate', result: await runConstantRate(load, endpoint, prompts) });
      }
      for (const { peer, found: at } of found) {
        if (typeof at === 'string') continue;
        say(`${load.name}: ${peer.name}`);
        const result = await runPeer(peer, at.path, load, { endpoint, prompts, folder });
        if (typeof result === 'string') skipped.push({ name: `${peer.name} (${load.name})`, why: result });
        else rows.push({ load: load.name, tool: peer.name, result });
      }
    }
  } finally {
    server.child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { name, why } of skipped) say(`${name} is left out: ${why}`);
  return report(rows, skipped, argv.includes('--json'));
}

function report(rows: readonly Row[], skipped: readonly object[], isJson: boolean): number {
  const differences = rows.map((row) => ({
    ...row,
    ofTruth: differencesOf(row.result, truth),
    ofOwn: ofOwn(row, rows),
  }));
  const own = differences.filter(({ tool }) => tool === 'plimsoll');
  const isWithin = (values: Readonly<Record<Part, number>>): boolean =>
    parts.every((part) => Math.abs(values[part]) <= allowedShare(part));
  const isMet =
    own.length > 0 && own.every(({ ofTruth }) => isWithin(ofTruth)) && differences.every((row) => isWithin(row.ofOwn));
  if (isJson)
    console.log(JSON.stringify({ bench: 'capacity-peers', truth, rows: differences, skipped, isMet }, null, 2));
  else console.log(tableOf(differences, isMet));
  return isMet ? 0 : 1;
}

/** Milliseconds of a client count for whole answers and first tokens, and not between tokens. */
const allowedShare = (part: Part): number =>
  part === 'interToken' ? differenceAtMost : Math.max(differenceAtMost, clientAtMostMs / truth[part]);

/** Relative differences of medians. */
function differencesOf(result: ToolResult, from: Readonly<Record<Part, number>>): Readonly<Record<Part, number>> {
  return {
    ttft: result.ttft.p50 / from.ttft - 1,
    interToken: result.interToken.p50 / from.interToken - 1,
    latency: result.latency.p50 / from.latency - 1,
  };
}

function ofOwn(row: Row, rows: readonly Row[]): Readonly<Record<Part, number>> {
  const own = rows.find(({ load, tool }) => load === row.load && tool === 'plimsoll')?.result ?? row.result;
  const medians = { ttft: own.ttft.p50, interToken: own.interToken.p50, latency: own.latency.p50 };
  return differencesOf(row.result, medians);
}

function tableOf(rows: readonly (Row & { readonly ofOwn: Readonly<Record<Part, number>> })[], isMet: boolean): string {
  const ms = (value: number): string => value.toFixed(1).padStart(7);
  const lines = rows.map(({ load, tool, result, ofOwn: by }) => {
    const cells = parts.map((part) => {
      const percent = (100 * by[part]).toFixed(1).padStart(5);
      return `${ms(result[part].p50)} ${ms(result[part].p99)} ${percent}%`;
    });
    return `${load.padEnd(9)} ${tool.padEnd(13)} ${String(result.requests).padStart(5)}  ${cells.join('   ')}`;
  });
  const stated = parts.map((part) => ms(truth[part])).join('');
  return [
    'load      tool           requests  p50, p99 (ms) and difference of the median from plimsoll: ttft, inter-token, latency',
    ...lines,
    `stated by the engine: ${stated}`,
    `medians within ${100 * differenceAtMost}% or ${clientAtMostMs} ms: ${isMet ? 'yes' : 'NO'}`,
  ].join('\n');
}

/** Each another, so that no cache of prefixes could help. */
function makePrompts(count: number): readonly string[] {
  const random = seededRandom(2);
  const words = ['load', 'line', 'hull', 'port', 'tide', 'keel', 'deck', 'mast'];
  return Array.from({ length: count }, (_, at) =>
    [`p${at}`, ...Array.from({ length: tokens.in - 1 }, () => words[random.nextBelow(words.length)])].join(' '),
  );
}

const program = path.join(import.meta.dirname, '../../src/testing/rigs/programs/token-server.ts');

async function startServer(): Promise<{ readonly endpoint: string; readonly child: ChildProcess }> {
  const times = [
    '--first',
    `${engine.firstMs}ms`,
    '--per-input',
    `${engine.perInputMs}ms`,
    '--between',
    `${engine.betweenMs}ms`,
  ];
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...times, '--slots', '64'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PLIMSOLL_PORT: '0', PLIMSOLL_MODEL_NAME: 'tokens' },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as { readonly plimsoll?: string; readonly port?: number };
    if (told.plimsoll === 'listening') return { endpoint: `http://127.0.0.1:${told.port}`, child };
  }
  throw new Error('the simulated engine ended before it listened');
}
