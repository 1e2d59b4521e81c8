import { FakeInferenceEngine, fakeModelBytes } from './fake-inference-engine.ts';
import { inferenceEngineContract } from '../contracts/inference-engine-contract.ts';

inferenceEngineContract('fake', new FakeInferenceEngine(), fakeModelBytes);
