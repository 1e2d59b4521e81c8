import { shortDigest } from '../units/digest.ts';
import type { Release } from './release.ts';

/** The image without its registry and its digest, else the short digest of the code. */
export function codeName({ code }: Pick<Release, 'code'>): string {
  const image = code.section.image?.replace(/(.)@.*$/, '$1');
  return image === undefined ? shortDigest(code.digest) : (image.split('/').at(-1) ?? image);
}

/** `release`, or which axis came back from where to where, and why. */
export function releaseCause({ cause }: Pick<Release, 'cause'>): string {
  return cause.kind === 'release'
    ? 'release'
    : `rollback of the ${cause.axis} from release ${cause.from} to release ${cause.to}: ${cause.reason}`;
}
