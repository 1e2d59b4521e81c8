// A process of its own: a sick board can make a call of the driver last for ever, or end the process.
import { openPinning } from './pin-to-cpus.ts';
import { openCudaLibrary } from './cuda-library.ts';
import { listCudaDevices, tryDevice, type CudaTrialOptions } from './cuda-trial.ts';
import { sayLine } from './say-line.ts';

const [file = '', options] = process.argv.slice(2);
try {
  const cuda = await openCudaLibrary(file);
  if (options === undefined) for (const device of listCudaDevices(cuda)) sayLine({ device });
  else tryDevice(cuda, JSON.parse(options) as CudaTrialOptions, await openPinning(), sayLine);
} catch (thrown) {
  sayLine({ failed: thrown instanceof Error ? thrown.message : String(thrown) });
}
