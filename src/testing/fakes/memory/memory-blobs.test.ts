import { blobsContract } from '../../contracts/blobs-contract.ts';
import { memoryBlobs } from './memory-blobs.ts';

blobsContract('memory', () => {
  const blobs = memoryBlobs();
  return Promise.resolve({ blobs, flipBit: blobs.flipBit, lose: blobs.lose });
});
