import { FakeInferenceEngine, fakeModelBytes } from './fake-inference-engine.ts';
import { inferenceEngineContract } from './inference-engine-contract.ts';

inferenceEngineContract('fake', new FakeInferenceEngine(), fakeModelBytes);
