import { spawn } from 'node:child_process';
import path from 'node:path';

export const attackKinds = ['idle', 'trickle', 'flood', 'heads', 'readers'] as const;
export type AttackKind = (typeof attackKinds)[number];

/** What one client of the gateway may send in the measurement; the flood sends twenty times as much. */
export const limitPerSecond = 50;
export const floodPerSecond = 20 * limitPerSecond;

export const attackTexts: Readonly<Record<AttackKind, string>> = {
  idle: '2,000 idle connections',
  trickle: '500 trickling uploads',
  flood: `a flood of one client at ${floodPerSecond} requests/s, 20 times its limit`,
  heads: '10,000 half-open heads',
  readers: '150 slow readers of large answers',
};

/** What is attacked. */
export interface Target {
  readonly port: number;
  readonly path: string;
  /** A path with a large answer. */
  readonly large: string;
  /** The address that attacks come from; the honest client is at 127.0.0.1. */
  readonly from: string;
}

/** Starts an attack in a process of its own; resolves once it is under way, with how to end it. */
export async function startAttack(
  kind: AttackKind,
  { port, path: target, large, from }: Target,
): Promise<() => Promise<void>> {
  const args = [path.join(import.meta.dirname, 'attack.ts'), kind, String(port), target, large, from];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), gone]);
  if (child.exitCode !== null) throw new Error(`the attack ${kind} ended with ${child.exitCode}`);
  return async () => {
    child.kill('SIGTERM');
    const cut = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await gone;
    clearTimeout(cut);
  };
}
