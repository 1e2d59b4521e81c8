import { memoryStore } from './memory-store.ts';
import { storeContract } from '../../contracts/store/store-contract.ts';

storeContract('memory', () => Promise.resolve({ store: memoryStore() }));
