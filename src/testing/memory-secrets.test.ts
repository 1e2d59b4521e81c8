import { memorySecrets } from './memory-secrets.ts';
import { describeSecrets } from './secrets-contract.ts';

describeSecrets('secrets in memory', memorySecrets);
