import path from 'node:path';
import { exampleFolder } from '../../cache.ts';
import type { DriftCause } from '../options.ts';
import type { PreparedService } from '../prepare-service.ts';
import { exampleContract } from '../register.ts';
import type { RunningUp } from '../running-up.ts';
import { admittedReplica, fetchView } from '../service-watch.ts';
import type { DigitSender } from '../traffic.ts';
import { sentImage, toldLabel } from './cause.ts';
import { tellDrift } from './drift-story.ts';
import { LabelSender } from './label-sender.ts';

export interface WatchedTrafficParts {
  readonly drift: DriftCause | null;
  readonly prepared: PreparedService;
  readonly stateFolder: string;
  readonly up: RunningUp;
  readonly sender: DigitSender;
  readonly monotonicMs: () => number;
  readonly print: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Every second digit is labelled: what is true becomes known for a share of what is asked. Where labels tell all, every one. */
const labelledEvery = (drift: DriftCause | null): number => (drift === 'labels' ? 1 : 2);

/** A sender whose digits get labels for a share of them, and a cause of drift once the watch is ready for it. */
export function watchTraffic(parts: WatchedTrafficParts): {
  readonly sender: DigitSender;
  readonly done: Promise<void>;
} {
  const { drift, prepared, stateFolder, sender, signal } = parts;
  const { contract } = prepared.workspace;
  const labels = new LabelSender(contract, stateFolder);
  let present: DriftCause | null = null;
  let sent = 0;
  const story =
    drift === null
      ? Promise.resolve()
      : tellDrift({
          ...{ cause: drift, contract, stateFolder, signal, print: parts.print, monotonicMs: parts.monotonicMs },
          lookCommand: lookCommand(contract, stateFolder),
          replicaId: () => liveReplica(parts),
          begin: () => (present = drift),
        });
  return {
    done: Promise.all([labels.run(signal), story]).then(() => undefined),
    sender: {
      async send(image) {
        const outcome = await sender.send(sentImage(image, present));
        sent += 1;
        if (outcome.ok && sent % labelledEvery(drift) === 0) {
          labels.add({ requestId: outcome.requestId, label: String(toldLabel(image, present)) });
        }
        return outcome;
      },
      close: () => sender.close(),
    },
  };
}

async function liveReplica({ up, signal }: WatchedTrafficParts): Promise<string> {
  const view = await fetchView(up.pageUrl, signal);
  const replica = admittedReplica(view, view.deployment?.live ?? 0);
  if (replica === undefined) throw new Error('no replica of the live release is ready');
  return replica.replicaId;
}

/** As typed in the root of a clone. */
function lookCommand(contract: string, stateFolder: string): string {
  const shown = (file: string): string => path.relative(process.cwd(), file) || '.';
  const isUsual = contract === exampleContract && stateFolder === path.join(exampleFolder, '.plimsoll');
  return `./plimsoll drift --contract ${shown(contract)}${isUsual ? '' : ` --state ${shown(stateFolder)}`}`;
}
