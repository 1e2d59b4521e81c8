import type { CodeSection, HostShare, Protocol, Sharing } from '../contract/contract.ts';
import { makeTlsSecrets } from '../contract/replica-tls.ts';
import type { ArtifactFile } from '../registry/model-version.ts';
import type { Digest } from '../units/digest.ts';
import type { ReleasedCode, ReleasedModel } from './release.ts';

/** What one replica runs, made of a pair. */
export interface PairWorkload {
  readonly image?: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: CodeSection['env'];
  readonly secrets: CodeSection['secrets'];
  readonly protocol: Protocol;
  readonly codeFiles: readonly ArtifactFile[];
  readonly model: {
    readonly name: string;
    readonly version: number;
    readonly digest: Digest;
    readonly files: readonly ArtifactFile[];
  };
  /** Accelerators, all on one node; 0 for none. */
  readonly devices: number;
  /** Ways of sharing a device that it tolerates; left out for exclusive devices alone. */
  readonly sharing?: readonly Sharing[];
  /** What it needs of each device; left out where the contract does not say it. */
  readonly deviceMemoryBytes?: number;
  readonly host?: HostShare;
  readonly selector?: Readonly<Record<string, string>>;
  readonly runtimeClass?: string;
}

export function makeWorkload(
  { section, files, devices = 0, sharing, deviceMemoryBytes, host, selector, runtimeClass }: ReleasedCode,
  model: ReleasedModel,
): PairWorkload {
  return {
    ...(section.image === undefined ? {} : { image: section.image }),
    command: section.command ?? [],
    args: section.args,
    env: section.env,
    secrets: { ...section.secrets, ...makeTlsSecrets(section.tls) },
    protocol: section.protocol,
    codeFiles: files,
    model: { name: model.name, version: model.version, digest: model.digest, files: model.files },
    devices,
    ...(sharing === undefined ? {} : { sharing }),
    ...(deviceMemoryBytes === undefined ? {} : { deviceMemoryBytes }),
    ...(host === undefined ? {} : { host }),
    ...(selector === undefined ? {} : { selector }),
    ...(runtimeClass === undefined ? {} : { runtimeClass }),
  };
}
