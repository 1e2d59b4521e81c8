import type { Compatibility } from '../../contract/contract.ts';
import type { Verdict } from '../../units/verdict.ts';
import type { DeviceVerdict, Finding, ServiceDemands } from '../compatibility.ts';
import {
  describeClass,
  digestOfClass,
  type AcceleratorClass,
  type CpuClass,
  type DeviceClass,
} from '../../pool/classes/device-class.ts';
import { placeProfile, smallestProfile } from './mig-placement.ts';
import type { CpuFacts } from '../../pool/node-facts.ts';
import { prepareService, type PreparedBuild, type PreparedService } from './prepare-service.ts';
import { listUnchecked } from '../rules/checked-facts.ts';
import { contractRuntimes } from '../rules/engines/contract-runtimes.ts';
import { cpuFindings } from '../rules/cpu-rules.ts';
import { instructionFinding } from '../rules/instruction-needs.ts';
import { driverDropsDevice, sharedMemoryWarning } from '../rules/device-rules.ts';
import { explainDriver } from '../rules/cuda/explain-cuda.ts';
import { explainCompression } from '../rules/kernels/explain-compression.ts';
import { explainKernels } from '../rules/kernels/explain-kernels.ts';
import type { Found } from '../rules/finding.ts';
import { severity, worse, worstOf } from '../rules/outcome.ts';
import { requireFinding } from '../rules/require/require-finding.ts';
import { warnOfState } from '../rules/state-warnings.ts';
import { unitsOf, type UnitFacts } from '../rules/unit-facts.ts';

/** `hardware.allow` turns compatibility into the verdict; unknown stays unknown, whatever is allowed. */
export function verdictOf(compatibility: Compatibility, allow: readonly Compatibility[]): Verdict {
  if (compatibility === 'unknown') return 'unknown';
  return compatibility !== 'incompatible' && allow.includes(compatibility) ? 'pass' : 'fail';
}

/** What one class of device answers to what one service asks for: every finding, deciding ones first. */
export function judgeDevice(demands: ServiceDemands, deviceClass: DeviceClass): DeviceVerdict {
  if (deviceClass.accelerator === 'cpu') return judgeCpu(demands, deviceClass, { features: null });
  return explainClass(prepareService(demands), deviceClass);
}

const verdictRank: Readonly<Record<Verdict, number>> = { pass: 0, inconclusive: 10, unknown: 10, fail: 20 };

/** How good an answer is: by the verdict that the contract makes of it, and then by its severity. Less is better. */
export const rankOf = (compatibility: Compatibility, { demands }: PreparedService): number =>
  verdictRank[verdictOf(compatibility, demands.hardware.allow)] + severity[compatibility];

/** Compatibility of one unit, with the build that fits it best. */
export const judgeUnit = (service: PreparedService, unit: UnitFacts): Compatibility =>
  service.builds
    .map((build) => judgeBuild(build, unit))
    .reduce((best, one) => (rankOf(one, service) < rankOf(best, service) ? one : best));

/** The same with one build. The one place where the answers of all rules come together. */
function judgeBuild(service: PreparedBuild, unit: UnitFacts): Compatibility {
  let worst = worse(service.fixedCompatibility, cudaCompatibility(service, unit));
  for (const rule of service.rules) {
    worst = worse(worst, rule.decide(unit));
    if (worst === 'incompatible') break;
  }
  return worst;
}

/** What driver and kernels alone allow. */
export function cudaCompatibility({ cuda }: PreparedBuild, unit: UnitFacts): Compatibility {
  return cuda === null ? 'native' : cuda.answer(cuda.paths(unit), cuda.kernels(unit.capability)).compatibility;
}

/** As `judgeDevice`, for a service that was prepared. A board that is cut up is as good as its best instance, with the best build. */
export function explainClass(service: PreparedService, deviceClass: AcceleratorClass): DeviceVerdict {
  if (service.demands.hardware.accelerator !== 'nvidia') {
    throw new RangeError('a CPU service is not judged on an accelerator');
  }
  const units = service.builds.flatMap((build) =>
    unitsOf(deviceClass).map((unit) => ({ build, unit, compatibility: judgeBuild(build, unit) })),
  );
  // Of builds that all fail, one that has kernels for the device tells more of what to do.
  const lacks = ({ build, unit }: (typeof units)[number]): number =>
    build.cuda?.kernels(unit.capability).answer === 'missing' ? 1 : 0;
  const [best] = units.toSorted(
    (a, b) => rankOf(a.compatibility, service) - rankOf(b.compatibility, service) || lacks(a) - lacks(b),
  );
  if (best === undefined) throw new RangeError('a class has at least one unit');
  const all = explainUnit(best.build, best.unit, deviceClass);
  const declared = deviceClass.certainty === 'declared' ? [declaredFinding(best.compatibility)] : [];
  const verdict = verdictOf(best.compatibility, service.demands.hardware.allow);
  const notChecked = verdict === 'pass' ? listUnchecked(best.unit, best.build.demands) : [];
  return {
    deviceClass: digestOfClass(deviceClass),
    description: describeClass(deviceClass),
    compatibility: best.compatibility,
    verdict,
    findings: weigh([...all, ...declared], best.compatibility),
    ...(notChecked.length === 0 ? {} : { notChecked }),
  };
}

const declaredFinding = (compatibility: Compatibility): Found => ({
  rule: 'declared',
  compatibility,
  message: 'the class was declared for the pool, and nobody has seen such a device in it',
  facts: { certainty: 'declared' },
  source: 'the pool snapshot',
  weight: 'warning',
});

/** Every finding of one unit. */
export function explainUnit(service: PreparedBuild, unit: UnitFacts, deviceClass: AcceleratorClass): readonly Found[] {
  const { cuda, demands } = service;
  const findings: Found[] = [...service.fixed];
  if (cuda !== null) {
    const paths = cuda.paths(unit);
    const kernels = cuda.kernels(unit.capability);
    const answer = cuda.answer(paths, kernels);
    const { toolkit, toolkitDriver } = cuda;
    const compat = demands.image?.compat ?? null;
    findings.push(
      ...explainDriver({ toolkit, toolkitDriver, compat, unit, paths, answer }),
      ...explainKernels(kernels, answer, unit, cuda.groups.length),
      ...explainCompression(cuda.zstd, answer, unit),
    );
    if (demands.image !== null) {
      const dropped = driverDropsDevice.decide(unit);
      findings.push(...requireFinding(demands.image, unit, worse(answer.compatibility, dropped)));
    }
  }
  findings.push(...service.rules.map((rule) => rule.explain(unit, rule.decide(unit))));
  const shared = sharedMemoryWarning(unit);
  if (shared !== null) findings.push(shared);
  findings.push(...warnOfState(unit));
  return findings.map((finding) =>
    finding.rule === 'memory' ? withInstanceFix(finding, service, unit, deviceClass) : finding,
  );
}

/** A board that is cut too small: whether the smallest instance that would do fits beside those that exist. */
function withInstanceFix(
  finding: Found,
  { demands }: PreparedBuild,
  { kind, pciDeviceId }: UnitFacts,
  { migLayout }: AcceleratorClass,
): Found {
  const needed = demands.hardware.memoryBytes;
  if (finding.compatibility !== 'incompatible' || kind !== 'instance' || needed === undefined) return finding;
  const profile = smallestProfile(pciDeviceId, needed);
  if (profile === null) return finding;
  const existing = (migLayout ?? []).map((instance) => ({ profile: instance.profile, placement: null }));
  const placement = placeProfile(pciDeviceId, existing, profile.profile);
  const how =
    placement.answer === 'fits'
      ? `one fits at slice ${placement.start} beside those that exist`
      : placement.answer === 'does-not-fit'
        ? `none fits beside those that exist: ${placement.because}`
        : placement.because;
  return { ...finding, fix: `an instance ${profile.profile}: ${how}` };
}

/** A CPU service on a node's CPU; features are no part of the class and decide all the same. */
export function judgeCpu(
  demands: ServiceDemands,
  deviceClass: CpuClass,
  { features }: Pick<CpuFacts, 'features'>,
): DeviceVerdict {
  const used = instructionFinding(demands, features);
  const findings = [
    ...cpuFindings(demands, { architecture: deviceClass.arch, features }),
    ...(used === null ? [] : [used]),
    ...contractRuntimes(demands),
  ];
  const compatibility = worstOf(findings.map((finding) => finding.compatibility));
  return {
    deviceClass: digestOfClass(deviceClass),
    description: describeClass(deviceClass),
    compatibility,
    verdict: verdictOf(compatibility, demands.hardware.allow),
    findings: weigh(findings, compatibility),
  };
}

const order: Readonly<Record<Finding['weight'], number>> = { deciding: 0, warning: 1, supporting: 2 };

/** What is as bad as the whole decides; of a pass, what says how it runs. */
function weigh(all: readonly Found[], compatibility: Compatibility): readonly Finding[] {
  const decides = (finding: Found): boolean =>
    finding.compatibility === compatibility &&
    (compatibility !== 'native' || finding.rule.startsWith('driver-native') || finding.rule.startsWith('cpu-'));
  return all
    .map((finding): Finding => ({
      ...finding,
      weight: finding.weight ?? (decides(finding) ? 'deciding' : 'supporting'),
    }))
    .sort((a, b) => order[a.weight] - order[b.weight] || severity[b.compatibility] - severity[a.compatibility]);
}
