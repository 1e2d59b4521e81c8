import { readFile, stat } from 'node:fs/promises';
import { hostname, release } from 'node:os';
import { readKernelLine } from '../../../core/monitoring/triage/kernel-line.ts';
import { acceleratorClassOf, cpuClassOf } from '../../../core/pool/classes/device-class.ts';
import type { NodeFacts } from '../../../core/pool/node-facts.ts';
import { digestOf, shortDigest } from '../../../core/units/digest.ts';
import type { NodeProbe } from '../../../ports/nodes/node-probe.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { InspectedReplica, ReplicaFinding, ReplicaInspector } from '../../../ports/serving/replica-inspector.ts';
import { readRecords, replicaFolder, type ReplicaRecord } from '../replica/replica-record.ts';
import { hashFile, judgeFiles } from './judge-files.ts';
import { readKernelLog } from './kernel-log.ts';
import { fingerprintOf, parseMaps, type MappedFile } from './loaded-files.ts';

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
  #deviceClass: string | null = null;
  #lookedMs = -Infinity;

  constructor(stateFolder: string, probe: NodeProbe, clock: Clock) {
    this.#stateFolder = stateFolder;
    this.#probe = probe;
    this.#clock = clock;
  }

  async inspect(replicas: readonly InspectedReplica[], signal: AbortSignal): Promise<readonly ReplicaFinding[]> {
    const records = await readRecords(this.#stateFolder).catch(() => []);
    const deviceClass = await this.#classOfMachine(signal);
    const findings: ReplicaFinding[] = [];
    for (const { replicaId, files } of replicas) {
      const record = records.find((each) => each.replicaId === replicaId);
      const seen = record === undefined ? null : await this.#lookAt(record, files, signal);
      findings.push({
        replicaId,
        deviceClass,
        fingerprint: seen?.fingerprint ?? null,
        files: seen?.files ?? 'unknown',
      });
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

  async runtimeOf(replicaId: string): Promise<string | null> {
    const record = (await readRecords(this.#stateFolder).catch(() => [])).find((each) => each.replicaId === replicaId);
    return record === undefined ? null : fingerprintOf(await mappedBy(record), await standsBelow());
  }

  async #lookAt(
    record: ReplicaRecord,
    files: InspectedReplica['files'],
    signal: AbortSignal,
  ): Promise<Pick<ReplicaFinding, 'fingerprint' | 'files'>> {
    const mapped = await mappedBy(record);
    const folder = replicaFolder(this.#stateFolder, record.replicaId).model;
    const process = { startedAtMs: record.spawnedAtMs ?? record.scheduledAtMs, mapped };
    return {
      fingerprint: fingerprintOf(mapped, await standsBelow()),
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

  async #classOfMachine(signal: AbortSignal): Promise<string | null> {
    if (this.#clock.monotonicMs() - this.#lookedMs < machineEveryMs) return this.#deviceClass;
    const facts = await this.#probe.probe(signal).then(
      (probed) => probed.facts,
      () => null,
    );
    this.#deviceClass = facts === null ? null : machineClass(facts);
    this.#lookedMs = this.#clock.monotonicMs();
    return this.#deviceClass;
  }
}

async function mappedBy({ pid }: ReplicaRecord): Promise<readonly MappedFile[]> {
  return parseMaps(pid === null ? '' : await readFile(`/proc/${pid}/maps`, 'utf8').catch(() => ''));
}

/** Kernel and driver. */
async function standsBelow(): Promise<readonly string[]> {
  return [release(), await readFile('/proc/driver/nvidia/version', 'utf8').catch(() => 'no driver')];
}

/** Which of several accelerators a process uses is not known: where they are of several classes, neither is its class. */
function machineClass(facts: NodeFacts): string | null {
  const cpu = cpuClassOf(facts);
  if (cpu === null || facts.devices === null) return null;
  const accelerators = [...new Set(facts.devices.map((device) => digestOf(acceleratorClassOf(device))))];
  return accelerators.length > 1 ? null : shortDigest(digestOf({ cpu, accelerators }));
}
