import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandsFor } from '../commands.ts';

const everyMs = 5_000;
/** Labels that wait to be sent; a control plane that is away loses this demo its further ones. */
const waitingAtMost = 5_000;

interface Label {
  readonly requestId: string;
  readonly label: string;
}

/** Sends labels as people do: by `plimsoll labels add`, some at a time, until aborted. */
export class LabelSender {
  readonly #place: readonly string[];
  readonly #file: string;
  #waiting: Label[] = [];

  constructor(contract: string, stateFolder: string) {
    this.#place = ['--contract', contract, '--state', stateFolder];
    this.#file = path.join(stateFolder, 'example', 'labels.jsonl');
  }

  add(label: Label): void {
    if (this.#waiting.length < waitingAtMost) this.#waiting.push(label);
  }

  /** What fails is sent again. */
  async run(signal: AbortSignal): Promise<void> {
    const commands = commandsFor(this.#place, () => undefined);
    mkdirSync(path.dirname(this.#file), { recursive: true });
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted && this.#waiting.length > 0) await this.#send(commands);
    }
    await commands.close();
  }

  async #send(commands: ReturnType<typeof commandsFor>): Promise<void> {
    const sent = this.#waiting;
    this.#waiting = [];
    try {
      writeFileSync(this.#file, sent.map((label) => `${JSON.stringify(label)}\n`).join(''));
      await commands.run(['labels', 'add', this.#file], [0, 1]);
    } catch {
      this.#waiting = [...sent, ...this.#waiting].slice(0, waitingAtMost);
    }
  }
}
