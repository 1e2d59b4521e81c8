import { uploadsContract } from '../../contracts/uploads-contract.ts';
import { memoryBlobs } from './memory-blobs.ts';
import { memoryUploads } from './memory-uploads.ts';

uploadsContract('memory', async (quotaBytes) => {
  const blobs = memoryBlobs();
  return Promise.resolve({ blobs, uploads: memoryUploads(blobs, quotaBytes, () => Date.now()) });
});
