import { readFile, stat } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { readKernelLine } from '../../../core/monitoring/triage/kernel-line.ts';
import { acceleratorClassOf, cpuClassOf } from '../../../core/pool/device-class.ts';
import type { NodeFacts } from '../../../core/pool/node-facts.ts';
import { digestOf, shortDigest } from '../../../core/units/digest.ts';
import type { NodeProbe } from '../../../ports/nodes/node-probe.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { InspectedReplica, ReplicaFinding, ReplicaInspector } from '../../../ports/serving/replica-inspector.ts';
import { readRecords, replicaFolder, type ReplicaRecord } from '../replica/replica-record.ts';
import { hashFile, judgeFiles } from './judge-files.ts';
import { readKernelLog } from './kernel-log.ts';
import { fingerprintOf, parseMaps } from './loaded-files.ts';

/** A look at one machine may start `nvidia-smi`, and what it finds moves seldom. */
const machineEveryMs = 60_000;
/** The digest of a file that stays as it is, is computed once; so many are remembered. */
const digestsAtMost = 1_000;

/** Looks at replicas that are processes of this machine. */
export class LocalInspector implements ReplicaInspector {
  readonly #stateFolder: string;
  readonly #probe: NodeProbe;
  readonly #clock: Clock;
  readonly #digests = new Map<string, string>();
  #machine: { readonly deviceClass: string | null; readonly below: readonly string[] } | null = null;
  #lookedMs = -Infinity;

  constructor(stateFolder: string, probe: NodeProbe, clock: Clock) {
    this.#stateFolder = stateFolder;
    this.#probe = probe;
    this.#clock = clock;
  }

  async inspect(replicas: readonly InspectedReplica[], signal: AbortSignal): Promise<readonly ReplicaFinding[]> {
    const records = await readRecords(this.#stateFolder).catch(() => []);
    const { deviceClass, below } = await this.#lookAtMachine(signal);
    const findings: ReplicaFinding[] = [];
    for (const { replicaId, files } of replicas) {
      const record = records.find((each) => each.replicaId === replicaId);
      const seen = record === undefined ? null : await this.#lookAt(record, files, below, signal);
      findings.push({ replicaId, deviceClass, fingerprint: seen?.fingerprint ?? null, files: seen?.files ?? 'unknown' });
    }
    return findings;
  }

  async nodeEvents(sinceMs: number): ReturnType<ReplicaInspector['nodeEvents']> {
    const node = hostname();
    return (readKernelLog(this.#clock.nowMs()) ?? []).flatMap(({ atMs, line }) => {
      const found = atMs >= sinceMs ? readKernelLine(line) : null;
      return found === null ? [] : [{ node, atMs, ...found }];
    });
  }

  async #lookAt(
    { replicaId, pid, spawnedAtMs, scheduledAtMs }: ReplicaRecord,
    files: InspectedReplica['files'],
    below: readonly string[],
    signal: AbortSignal,
  ): Promise<Pick<ReplicaFinding, 'fingerprint' | 'files'>> {
    const maps = pid === null ? '' : await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '');
    const mapped = parseMaps(maps);
    const folder = replicaFolder(this.#stateFolder, replicaId).model;
    const process = { startedAtMs: spawnedAtMs ?? scheduledAtMs, mapped };
    return {
      fingerprint: fingerprintOf(mapped, below),
      files: await judgeFiles(folder, files, process, (file, ending) => this.#hash(file, ending), signal),
    };
  }

  async #hash(file: string, signal: AbortSignal): Promise<string> {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file);
    const key = [dev, ino, size, mtimeMs, ctimeMs].join(' ');
    const known = this.#digests.get(key);
    if (known !== undefined) return known;
    const digest = await hashFile(file, signal);
    if (this.#digests.size >= digestsAtMost) this.#digests.clear();
    this.#digests.set(key, digest);
    return digest;
  }

  async #lookAtMachine(signal: AbortSignal) {
    if (this.#machine !== null && this.#clock.monotonicMs() - this.#lookedMs < machineEveryMs) return this.#machine;
    const driver = await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => 'no driver');
    const facts = await this.#probe.probe(signal).then(
      (probed) => probed.facts,
      () => null,
    );
    this.#machine = { deviceClass: facts === null ? null : machineClass(facts), below: [release(), driver] };
    this.#lookedMs = this.#clock.monotonicMs();
    return this.#machine;
  }
}

/** Which of several accelerators a process uses is not known: where they are of several classes, neither is its class. */
function machineClass(facts: NodeFacts): string | null {
  const cpu = cpuClassOf(facts);
  if (cpu === null || facts.devices === null) return null;
  const accelerators = [...new Set(facts.devices.map((device) => digestOf(acceleratorClassOf(device))))];
  return accelerators.length > 1 ? null : shortDigest(digestOf({ cpu, accelerators }));
}
