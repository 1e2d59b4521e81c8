import { assignDevices, type DeviceAssignment } from '../../../core/packing/shares/assign-devices.ts';
import {
  listSharedDevices,
  type DeviceAsk,
  type DeviceHold,
  type SharedDevice,
} from '../../../core/packing/shares/shared-device.ts';
import type { DeviceFacts } from '../../../core/pool/node-facts.ts';
import { makeDeviceVariables } from './device-variables.ts';

/** The devices of this machine that are handed out to replicas. */
export type DevicesOfMachine = () => Promise<readonly DeviceFacts[]>;

/** What one replica asked for and holds; holds nothing while it waits. */
export interface DeviceClaim {
  readonly ask: DeviceAsk;
  readonly holds: readonly DeviceHold[];
}

/** A part of a device, with what a record tells of it. */
export interface HeldPart extends DeviceHold, Pick<SharedDevice, 'product' | 'memoryBytes'> {}

export type DeskAnswer =
  | {
      readonly answer: 'assigned';
      readonly holds: readonly HeldPart[];
      /** By which the program keeps to them. */
      readonly variables: Readonly<Record<string, string>>;
    }
  | Extract<DeviceAssignment, { readonly answer: 'refused' }>;

/**
 * Hands out parts of devices, one replica after another. What is held stands in the records of the replicas that run, of
 * all services of the state folder: a control plane that starts anew, and one that has not adopted all yet, goes by them.
 */
export class DeviceDesk {
  readonly #devices: DevicesOfMachine;
  readonly #claimsOfRecords: () => Promise<ReadonlyMap<string, DeviceClaim>>;
  /** By replica: of starts of this process that have not ended. A record may not be written yet. */
  readonly #own = new Map<string, DeviceClaim>();
  #turn: Promise<unknown> = Promise.resolve();

  /** @param claimsOfRecords what replicas whose process is alive hold, by replica. */
  constructor(devices: DevicesOfMachine, claimsOfRecords: () => Promise<ReadonlyMap<string, DeviceClaim>>) {
    this.#devices = devices;
    this.#claimsOfRecords = claimsOfRecords;
  }

  /** Assigns parts to a replica, which holds them until `free`. */
  assign(replicaId: string, ask: DeviceAsk): Promise<DeskAnswer> {
    const turn = this.#turn.catch(() => undefined).then(() => this.#assign(replicaId, ask));
    this.#turn = turn;
    return turn;
  }

  /** What one held is another's from now on: a spare became a replica. */
  pass(from: string, to: string): void {
    const claim = this.#own.get(from);
    this.#own.delete(from);
    if (claim !== undefined) this.#own.set(to, claim);
  }

  /** What a replica held is free again. */
  free(replicaId: string): void {
    this.#own.delete(replicaId);
  }

  async #assign(replicaId: string, ask: DeviceAsk): Promise<DeskAnswer> {
    const devices = listSharedDevices(await this.#devices());
    const claims = new Map([...(await this.#claimsOfRecords()), ...this.#own]);
    claims.delete(replicaId);
    const others = [...claims.values()];
    const held = others.flatMap(({ holds }) => holds);
    const answer = assignDevices(ask, { devices, held, expected: others.map((claim) => claim.ask) });
    this.#own.set(replicaId, { ask, holds: answer.answer === 'assigned' ? answer.holds : [] });
    if (answer.answer === 'refused') return answer;
    const holds = answer.holds.map((hold): HeldPart => {
      const { product = null, memoryBytes = null } = devices.find(({ device }) => device === hold.device) ?? {};
      return { ...hold, product, memoryBytes };
    });
    return { answer: 'assigned', holds, variables: makeDeviceVariables(holds, devices) };
  }
}
