import { memoryStore } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('memory', () => Promise.resolve({ store: memoryStore() }));
