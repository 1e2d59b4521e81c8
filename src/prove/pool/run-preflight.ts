import type { NodeFacts } from '../../core/pool/node-facts.ts';
import type { Preflight, PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import type { NodeTrials, TriedFile } from '../../ports/nodes/node-trials.ts';
import type { ProvingPorts } from '../ports.ts';

export interface PreflightQuestion {
  readonly facts: NodeFacts;
  /** Files whose reads are timed. */
  readonly files: readonly TriedFile[];
  /** For all of it. */
  readonly timeoutMs: number;
  readonly onBusy: boolean;
}

/** Shares of the time that memory and storage may take; devices get what is left. */
const memoryShare = 0.2;
const storageShare = 0.4;

/** Tries what a node can do, part after part, so that none disturbs the other. Ends within the time that is asked for. */
export async function runPreflight(
  { clock, signal, terminal }: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  trials: NodeTrials,
  { facts, files, timeoutMs, onBusy }: PreflightQuestion,
): Promise<Preflight> {
  const [takenAtMs, startMs] = [clock.nowMs(), clock.monotonicMs()];
  const leftMs = (): number => Math.max(1, timeoutMs - (clock.monotonicMs() - startMs));
  terminal.note('preflight: memory');
  const memory = await trials.tryMemory({ timeoutMs: timeoutMs * memoryShare, signal });
  if (files.length > 0) terminal.note(`preflight: storage, ${files.length === 1 ? '1 file' : `${files.length} files`}`);
  const storage = await trials.tryStorage(files, { timeoutMs: Math.min(leftMs(), timeoutMs * storageShare), signal });
  const devices = facts.devices ?? [];
  if (devices.length > 0)
    terminal.note(`preflight: ${devices.length === 1 ? '1 device' : `${devices.length} devices`}`);
  const tried = await trials.tryDevices(devices, onBusy, { timeoutMs: leftMs(), signal });
  const checks = [...memory, ...storage, ...fabricChecks(facts), ...untold(facts), ...tried];
  return { takenAtMs, tookMs: Math.round(clock.monotonicMs() - startMs), checks };
}

/** What the driver says of the NVSwitch fabric: without it CUDA does not start there (error 802). */
function fabricChecks({ devices }: NodeFacts): readonly PreflightCheck[] {
  return (devices ?? []).flatMap(({ index, state }): readonly PreflightCheck[] => {
    const fabric = state?.fabric;
    if (fabric === undefined || fabric === 'not-supported') return [];
    const of = `GPU ${index ?? '?'}`;
    if (fabric === 'completed') return [{ kind: 'fabric', of, verdict: 'pass', reason: null }];
    return [{ kind: 'fabric', of, verdict: 'fail', reason: `its registration with the fabric is ${fabric}` }];
  });
}

/** Accelerators that nobody could list are not none. */
function untold({ devices, unknown }: NodeFacts): readonly PreflightCheck[] {
  if (devices !== null) return [];
  const reason = unknown['devices'] ?? 'the accelerators of the node are not known';
  return [{ kind: 'device-memory', of: 'accelerators', verdict: 'unknown', reason }];
}
