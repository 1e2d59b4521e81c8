// must trip: control-plane-runs-nothing-of-a-bundle
import { run } from '../prove/runs-a-program.ts';
export const measure = () => run('metric.py');
