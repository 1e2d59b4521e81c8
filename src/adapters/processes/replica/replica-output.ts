import type { MeasuredPhase } from '../../../core/rollout/replica.ts';
import { replicaLineSchema } from '../../../schemas/replica/replica-line.ts';
import { lastWords, OutputTail } from '../output-file.ts';
import type { ReplicaFolder } from './replica-record.ts';

const phaseLimit = 100;

/** What one replica writes: its phases are collected, its last words kept, its files held within their bound. */
export class ReplicaOutput {
  readonly #stdout: OutputTail;
  readonly #stderr: OutputTail;
  readonly #reported: MeasuredPhase[] = [];
  #secrets: readonly string[] = [];
  #addressInUse = false;

  constructor(folder: ReplicaFolder) {
    this.#stdout = new OutputTail(folder.stdout);
    this.#stderr = new OutputTail(folder.stderr);
  }

  get reported(): readonly MeasuredPhase[] {
    return this.#reported;
  }

  /** It said that somebody else has its port. */
  get addressInUse(): boolean {
    return this.#addressInUse;
  }

  /** What it last said on stderr, without secrets. */
  get lastLine(): string | null {
    const line = lastWords(this.#stderr.recent);
    return line === null ? null : this.#secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line);
  }

  hide(secretValues: readonly string[]): void {
    this.#secrets = secretValues.filter((value) => value !== '');
  }

  async read(): Promise<void> {
    for (const line of await this.#stdout.read()) this.#take(line);
    for (const line of await this.#stderr.read()) {
      if (/EADDRINUSE|address already in use/i.test(line)) this.#addressInUse = true;
    }
    await this.#stdout.bound();
    await this.#stderr.bound();
  }

  #take(line: string): void {
    if (!line.includes('"plimsoll"') || this.#reported.length >= phaseLimit) return;
    const parsed = replicaLineSchema.safeParse(jsonOrNull(line));
    if (!parsed.success || parsed.data.plimsoll !== 'phase') return;
    const { plimsoll: _, ...phase } = parsed.data;
    this.#reported.push(phase);
  }
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
