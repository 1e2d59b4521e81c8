// A process of its own: NVML blocks in the driver, and one sick board can make that last for ever.
import { readNvmlHere } from './nvml-reading.ts';

process.stdout.write(`${JSON.stringify(await readNvmlHere(process.argv[2] ?? ''))}\n`);
