import path from 'node:path';
import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import { segmentContentType } from '../../schemas/monitoring/sample-segment.ts';
import type { ControlPlaneLink } from '../following/control-plane-link.ts';
import { ownerName } from '../following/owner-name.ts';
import type { GatewayLog } from '../log.ts';
import type { CaptureSink, CaptureSinks } from './capture-sink.ts';
import { SegmentSender, type PostSegment } from './segment-sender.ts';
import { SpoolFolder } from './spool-folder.ts';
import { Spool } from './spool.ts';

export interface SpoolsParts {
  /** `STATE/spool/GATEWAY`: each service has a folder below it. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: GatewayLog;
}

interface Owner {
  readonly service: string;
  readonly environment: string;
}

interface HeldSpool {
  readonly owner: Owner;
  readonly folder: SpoolFolder;
  readonly spool: Spool;
  readonly ended: AbortController;
}

/** At the end, what is not sent after so long waits on the disk for the next start. */
const lastSegmentsMs = 2000;

/** The spools of a gateway process, one for each service, and who sends what is in them. */
export class Spools implements CaptureSinks {
  readonly #parts: SpoolsParts;
  readonly #held = new Map<string, HeldSpool>();
  readonly #sending = new Set<Promise<void>>();
  /** Null before there is somebody to send to. */
  #link: Pick<ControlPlaneLink, 'postBytes'> | null = null;

  constructor(parts: SpoolsParts) {
    this.#parts = parts;
  }

  of(owner: Owner): CaptureSink {
    const name = ownerName(owner);
    const held = this.#held.get(name) ?? this.#make(owner, name);
    return held.spool;
  }

  forget(owner: Owner): void {
    const name = ownerName(owner);
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    held.ended.abort();
    const { log } = this.#parts;
    void held.spool
      .flush()
      .then(() => held.folder.destroy())
      .catch((thrown: unknown) => log('capture.not-removed', { ...owner, reason: String(thrown) }));
  }

  /** Sends from now on what is in the spools. */
  sendTo(link: Pick<ControlPlaneLink, 'postBytes'>): void {
    this.#link = link;
    for (const held of this.#held.values()) this.#send(held, link);
  }

  /** Writes what waits, and sends what it can in two seconds. */
  async close(): Promise<void> {
    const { clock } = this.#parts;
    const all = [...this.#held.values()];
    await Promise.all(all.map(({ spool }) => spool.close()));
    const untilMs = clock.monotonicMs() + lastSegmentsMs;
    while (this.#link !== null && all.some(({ folder }) => folder.oldest !== null) && clock.monotonicMs() < untilMs) {
      await clock.sleep(20);
    }
    for (const { ended } of all) ended.abort();
    await Promise.all(this.#sending);
  }

  #make(owner: Owner, name: string): HeldSpool {
    const { clock, log, random } = this.#parts;
    const ended = new AbortController();
    const folder = new SpoolFolder(path.join(this.#parts.folder, name), random.hex(16));
    const ofService: GatewayLog = (event, facts) => log(event, { ...owner, ...facts });
    const spool = new Spool({ folder, owner: name, clock, log: ofService, signal: ended.signal });
    const held = { owner, folder, spool, ended };
    this.#held.set(name, held);
    if (this.#link !== null) this.#send(held, this.#link);
    return held;
  }

  #send({ owner, folder, spool, ended }: HeldSpool, link: Pick<ControlPlaneLink, 'postBytes'>): void {
    const { clock, random, log } = this.#parts;
    const post = makePost(link, owner);
    const lost = (captures: number): void => void (spool.counts.dropped += captures);
    const sender = new SegmentSender({ folder, post, clock, random, log, lost });
    spool.segmentClosed = () => sender.wake();
    const sending = sender.run(ended.signal).finally(() => this.#sending.delete(sending));
    this.#sending.add(sending);
  }
}

function makePost(link: Pick<ControlPlaneLink, 'postBytes'>, owner: Owner): PostSegment {
  return ({ spoolId, sequence }, records, signal) => {
    const query = new URLSearchParams({ ...owner, spool: spoolId, sequence: String(sequence) });
    return link.postBytes(`samples?${query.toString()}`, records, segmentContentType, signal);
  };
}
