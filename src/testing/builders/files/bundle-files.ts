import { bundleFileKey, type Bundle, type BundledModel, type BundleRole } from '../../../core/bundle/bundle.ts';
import { artifactDigest } from '../../../core/registry/artifact.ts';
import { digestOfBytes, type Digest } from '../../../core/units/digest.ts';
import { testEnvironment, testService } from '../rollout-builders.ts';
import { digest } from '../evidence-builders.ts';

export interface BuiltBundle {
  readonly bundle: Bundle;
  /** Bytes of the files inside. */
  readonly contents: ReadonlyMap<Digest, Uint8Array>;
}

type FilesByRole = Readonly<Partial<Record<BundleRole, Readonly<Record<string, string | Uint8Array>>>>>;

const ownFiles: FilesByRole = {
  contract: { 'plimsoll.yaml': 'service: digits\n' },
  lock: { 'plimsoll.lock': '{}\n' },
};

/** A valid bundle with a contract, a lock and the given files, by role and path. */
export function buildBundle(files: FilesByRole = {}, model: Partial<BundledModel> = {}): BuiltBundle {
  const contents = new Map<Digest, Uint8Array>();
  const entries = Object.entries({ ...ownFiles, ...files }).flatMap(([role, byPath]) =>
    Object.entries(byPath).map(([path, content]) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const its = digestOfBytes(bytes);
      contents.set(its, bytes);
      return { path, digest: its, bytes: bytes.length, role: role as BundleRole };
    }),
  );
  const bundle: Bundle = {
    bundleVersion: 1,
    service: testService,
    environment: testEnvironment,
    files: entries.sort((a, b) => (bundleFileKey(a) < bundleFileKey(b) ? -1 : 1)),
    model: { name: 'digits', digest: ownDigest(model), files: null, place: null, ...model },
  };
  return { bundle, contents };
}

const ownDigest = ({ files = null }: Partial<BundledModel>): Digest =>
  files === null ? digest('model') : artifactDigest(files);
