import { memorySecrets } from './memory-secrets.ts';
import { describeSecrets } from '../../contracts/secrets-contract.ts';

describeSecrets('secrets in memory', memorySecrets);
