import { formatAnchor, parseAnchors } from '../../../core/records/audit/anchor-lines.ts';
import { remoteAnswer } from '../../../core/registry/remote-errors.ts';
import type { ChainAnchor } from '../../../core/records/audit/verify-chain.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReadableAnchors } from '../../../ports/records/anchors.ts';
import { anchorAnnotation, packAnchor } from '../../../schemas/artifact/anchor-pack.ts';
import { makeArtifactRepository } from '../artifact-repository.ts';
import type { RegistryOptions } from '../registry/registry-source.ts';

/** Each is one request. */
const readAtMost = 500;
const tagPattern = /^anchor-(\d{15})$/;

/**
 * Anchors as artifacts of one repository, one for each: `anchor-` and the number of the event in 15 digits. What is there is
 * not written over, so that a registry whose tags cannot be moved will do.
 */
export function makeOciAnchors(repository: string, options: RegistryOptions): ReadableAnchors {
  const artifacts = makeArtifactRepository(repository, options);
  const { reader, location } = artifacts;
  const tagOf = ({ seq }: ChainAnchor): string => `anchor-${String(seq).padStart(15, '0')}`;
  const tags = async (signal: AbortSignal): Promise<readonly string[]> => {
    try {
      const named = await artifacts.versions(repository, signal);
      return named.map(({ version }) => version).filter((tag) => tagPattern.test(tag));
    } catch (thrown) {
      // A repository begins with its first artifact.
      if (thrown instanceof PlimsollError && thrown.code === 'remote-model-unknown') return [];
      throw thrown;
    }
  };
  const readOne = async (tag: string, signal: AbortSignal): Promise<ChainAnchor> => {
    const line = readLine(await reader.manifest(tag, signal));
    const [anchor] = parseAnchors(`${line}\n`).anchors;
    if (anchor === undefined || tagOf(anchor) !== tag) throw remoteAnswer(location, `${tag}, which is no anchor`);
    return anchor;
  };
  return {
    async append(anchor, signal) {
      const tag = tagOf(anchor);
      if ((await tags(signal)).includes(tag)) return;
      await artifacts.push({ files: [], ...packAnchor(formatAnchor(anchor)) }, noFiles, tag, signal);
    },
    async read(signal) {
      const all = await tags(signal);
      const anchors: ChainAnchor[] = [];
      for (const tag of all.toSorted().slice(-readAtMost)) anchors.push(await readOne(tag, signal));
      return { anchors, count: all.length };
    },
    close: () => artifacts.close(),
  };
}

const noFiles = (): never => {
  throw new RangeError('an anchor has no files');
};

function readLine(bytes: Uint8Array): string {
  try {
    const { annotations } = JSON.parse(Buffer.from(bytes).toString('utf8')) as {
      readonly annotations?: Readonly<Record<string, unknown>>;
    };
    const line = annotations?.[anchorAnnotation];
    return typeof line === 'string' ? line : '';
  } catch {
    return '';
  }
}
