import { createReadStream } from 'node:fs';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { ReplicaFiles } from '../../ports/serving/replica-files.ts';

/** The blobs of a control plane, each replica seeing those of its own set alone. */
export function makeReplicaFiles(list: ReplicaFiles['list'], blobs: Pick<Blobs, 'verifiedPath'>): ReplicaFiles {
  return {
    list,
    async open(token, digest, from, signal) {
      const { code, model } = await list(token, signal);
      if (![...code, ...model].some((file) => file.digest === digest)) {
        throw new PlimsollError({
          code: 'replica-file',
          category: 'unauthorized',
          message: `${digest} is no file of this replica`,
          next: 'ask for the list of its files first: GET /v1/replica-files',
        });
      }
      return createReadStream(await blobs.verifiedPath(digest, signal), {
        start: from,
        highWaterMark: 1 << 18,
        signal,
      });
    },
  };
}
