import { fileURLToPath } from 'node:url';
import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { judgeLink } from '../../core/pool/preflight/judge-link.ts';
import type { PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { TrialBounds } from '../../ports/nodes/node-trials.ts';
import type { CudaTrialOptions } from './cuda-trial.ts';
import type { NumaNode } from './numa-nodes.ts';
import { runTrial } from './run-trial.ts';
import type { CudaDevice } from './trial-line.ts';

const worker = fileURLToPath(new URL('./cuda-worker.ts', import.meta.url));
/** Listing makes a context on each device, a second or two each. */
const listShare = 0.5;
const mostBytes = 64 * 1024 * 1024;
const leastBytes = 1024 * 1024;
const copyMs = 150;
/** Of the memory of a device that nobody uses, this share is always taken by the driver and its contexts. */
const idleShare = 0.1;

/**
 * Each device in a process of its own, one after the other: a device that hangs takes the time of its own share, and no other's answer.
 */
export async function tryDevices(
  library: string,
  known: readonly DeviceFacts[],
  nodes: readonly NumaNode[],
  onBusy: boolean,
  { timeoutMs, signal }: TrialBounds,
): Promise<readonly PreflightCheck[]> {
  const until = performance.now() + timeoutMs;
  const listed = await runTrial(worker, [library], { timeoutMs: timeoutMs * listShare, signal });
  if (listed.failure !== null || listed.devices.length === 0) return notListed(listed.failure, known);
  const names = listed.devices.map((device) => nameOf(device, known));
  const checks: PreflightCheck[] = [...missing(listed.devices, known)];
  for (const [at, device] of listed.devices.entries()) {
    const name = names[at] ?? '';
    const fact = known.find(({ uuid }) => uuid === device.uuid);
    const refusal = refusalOf(device, fact, onBusy);
    if (refusal !== null) {
      checks.push({ kind: 'device-memory', of: name, verdict: 'unknown', reason: refusal });
      continue;
    }
    const leftMs = until - performance.now();
    if (leftMs <= 0) {
      checks.push({ kind: 'device-memory', of: name, verdict: 'unknown', reason: 'no time was left for it' });
      continue;
    }
    const bytes = Math.min(mostBytes, Math.floor(device.freeBytes / 10 / 4) * 4);
    const options: CudaTrialOptions = { ordinal: device.ordinal, name, names, bytes, copyMs, nodes };
    const shareMs = leftMs / (listed.devices.length - at);
    const end = await runTrial(worker, [library, JSON.stringify(options)], { timeoutMs: shareMs, signal });
    checks.push(...judgeLink(end.checks, fact?.link ?? null));
    if (end.failure !== null && !end.checks.some(({ verdict }) => verdict === 'fail')) {
      checks.push({ kind: 'device-memory', of: name, verdict: 'fail', reason: end.failure });
    }
  }
  return checks;
}

/** A machine without a device needs no driver; with one, a driver that lists none is a fault. */
function notListed(failure: string | null, known: readonly DeviceFacts[]): readonly PreflightCheck[] {
  const reason = failure ?? 'the CUDA driver lists no device';
  return known.map((device, at) => ({
    kind: 'device-memory',
    of: `GPU ${device.index ?? at}`,
    verdict: 'fail',
    reason,
  }));
}

/** Boards that are known and that CUDA does not list. Boards in MIG mode are listed by their instances. */
function missing(listed: readonly CudaDevice[], known: readonly DeviceFacts[]): readonly PreflightCheck[] {
  return known
    .filter(({ uuid, mig }) => uuid !== null && mig?.enabled !== true && !listed.some((device) => device.uuid === uuid))
    .map((device) => ({
      kind: 'device-memory',
      of: `GPU ${device.index ?? '?'}`,
      verdict: 'unknown',
      reason: 'the CUDA driver does not list it (CUDA_VISIBLE_DEVICES, or a board that is hidden from this process)',
    }));
}

function nameOf({ uuid, ordinal }: CudaDevice, known: readonly DeviceFacts[]): string {
  const index = known.find((device) => device.uuid === uuid)?.index ?? null;
  return index === null ? `CUDA device ${ordinal}` : `GPU ${index}`;
}

function refusalOf(
  { freeBytes, totalBytes }: CudaDevice,
  fact: DeviceFacts | undefined,
  onBusy: boolean,
): string | null {
  const used = totalBytes - freeBytes - (fact?.reservedBytes ?? 0);
  if (!onBusy && used > totalBytes * idleShare) {
    return `others use ${formatBytes(Math.round(used))} of its memory, and copies would disturb them (--busy tries it anyway)`;
  }
  return freeBytes / 10 < leastBytes ? `only ${formatBytes(freeBytes)} of its memory are free` : null;
}
