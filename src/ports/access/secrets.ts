import type { SecretGrant } from '../../core/contract/secrets/secret-grant.ts';

/** What is known of a secret without its values. */
export interface StoredSecret {
  readonly name: string;
  /** Sorted. Empty where values come from variables of the control plane alone. */
  readonly keys: readonly string[];
  /** `vault://MOUNT/PATH`: its values are read there, and those of the state folder are not used. Absent: they lie here. */
  readonly from?: string;
  /** Null where the secret has no grants file, so that nobody was ever granted it. */
  readonly grants: readonly SecretGrant[] | null;
}

/** Secrets of one state folder. Values go in, and come out in replicas alone. Each write is atomic and durable. */
export interface Secrets {
  /** By name. @throws PlimsollError `secret-grants-invalid` (input). */
  list(): Promise<readonly StoredSecret[]>;
  set(name: string, key: string, value: string): Promise<void>;
  /** Says where its values are read from now on; null: here. */
  setFrom(name: string, place: string | null): Promise<void>;
  /** False when it was granted already. A secret without a key may be granted: its values are variables. */
  grant(name: string, grant: SecretGrant): Promise<boolean>;
  /** False when there was no such grant. */
  removeGrant(name: string, grant: SecretGrant): Promise<boolean>;
  /** Whether a control plane that asks for grants has started here before; true from the next call on. */
  beginGrants(): Promise<boolean>;
}
