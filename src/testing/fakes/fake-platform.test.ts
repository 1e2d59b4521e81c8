import { FakeClock } from './fake-clock.ts';
import { FakeMachine, workloadFor } from './fake-platform.ts';
import { platformContract } from '../contracts/platform-contract.ts';

platformContract('fake', async () => {
  const clock = new FakeClock();
  const machine = new FakeMachine(clock);
  const platform = machine.platform();
  return {
    platform,
    workload: workloadFor,
    pass: () => clock.advance(50),
    reopen: async () => {
      await platform.close();
      return machine.platform();
    },
    kill: async (replica) => {
      machine.kill(replica.replicaId);
    },
    close: () => platform.close(),
  };
});
