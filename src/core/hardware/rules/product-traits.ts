import { compareVersions } from '../../units/quantity/quantity-version-range.ts';
import { capabilities } from '../tables/capabilities.ts';
import { jetsonReleases } from '../tables/cuda-drivers.ts';
import {
  brokenPeers,
  nvLinkProducts,
  nvSwitchProducts,
  openModuleProducts,
  openModuleProductsOf,
  openModulesFrom,
  openModulesNotBelow,
} from '../tables/device-states.ts';
import { gpuOf } from '../tables/gpus.ts';
import {
  linuxBranchesFrom,
  linuxBranchStep,
  profilesForDesktops,
  profilesWithoutCuda,
} from '../tables/host/container-hosts.ts';
import { wholeOfBoard } from '../tables/host/memory-services.ts';
import { capabilityNumber, versionOf } from './numbers.ts';
import type { Plain } from './outcome.ts';
import type { UnitFacts } from './unit-facts.ts';

/*
 * What rules ask of a product. Their facets hold these answers, so that boards whose names differ are asked about together.
 */

const behindNvSwitch = new RegExp(nvSwitchProducts);
const withNvLink = new RegExp(nvLinkProducts);
const openProducts = new RegExp(openModuleProducts);
const openFrom = capabilityNumber(openModulesFrom) ?? 0;
/** Open modules drive no board of a lower capability. */
export const openNotBelow = capabilityNumber(openModulesNotBelow) ?? 0;
/** The capability at which the product decides whether open modules are needed. */
export const openProductsOf = capabilityNumber(openModuleProductsOf) ?? 0;
const readBrokenPeers = brokenPeers.map((row) => ({
  row,
  product: new RegExp(row.product),
  before: versionOf(row.beforeDriver) ?? [],
}));

const tegra = new Set(capabilities.filter((row) => row.tegra).map((row) => capabilityNumber(row.capability)));

/** A system on chip: a Jetson, or a Drive. */
export const isTegra = (capability: number | null): boolean => tegra.has(capability);

/** The driver has the number of a release of Jetson Linux, so that it compares with no driver of another device. */
export const isJetsonRelease = ({ capability, branch }: UnitFacts): boolean =>
  isTegra(capability) && branch !== null && branch < jetsonReleases.below;

export const isNvSwitchProduct = (product: string | null): boolean => product !== null && behindNvSwitch.test(product);

export const isBehindNvSwitch = ({ product }: UnitFacts): boolean => isNvSwitchProduct(product);

/** NVLink as it was read, else by the product. */
export const hasNvLink = ({ state, product }: UnitFacts): boolean =>
  state.nvlink === undefined ? withNvLink.test(product ?? '') : state.nvlink === 'active';

/** A driver that offers peer access which hangs; undefined where none is known of the product. */
export const brokenPeersOf = ({ product, driver }: UnitFacts): (typeof brokenPeers)[number] | undefined =>
  readBrokenPeers.find(
    (each) => each.product.test(product ?? '') && driver !== null && compareVersions(driver, each.before) < 0,
  )?.row;

export const needsOpen = ({ capability, product }: UnitFacts): boolean =>
  (capability !== null && capability >= openFrom) || openProducts.test(product ?? '');

/** Whether only one flavour of the kernel module drives the device; false also where its capability is not known. */
export const needsOneFlavour = (unit: UnitFacts): boolean =>
  needsOpen(unit) || (unit.capability !== null && unit.capability < openNotBelow);

/** A node is a WSL as it was read, else by a driver with a number of Windows (see `linuxBranchStep`). */
export const isWsl = ({ state, branch }: UnitFacts): boolean =>
  state.host === 'wsl' || (branch !== null && branch >= linuxBranchesFrom && branch % linuxBranchStep !== 0);

/** The branch that a driver belongs to. Drivers of Windows count on inside one: 474.14 is of R470, and 581.15 of R580. */
export const releaseBranchOf = (branch: number): number =>
  branch < linuxBranchesFrom ? branch : branch - (branch % linuxBranchStep);

/** `GRID T4-8C` is 8 GB of a T4. A name with two numbers (`A100-1-10C`) is that of an instance of MIG. */
const timeSliced = /^(?:NVIDIA )?(?:GRID )?(\D[\w ]*?)-(\d{1,3})[ACQ]$/;

/**
 * Unified memory of a virtual GPU: as it was read, else `off` where its name says that it is a part of its board. Undefined where neither tells it.
 */
export function unifiedMemoryOf({ state, product }: UnitFacts): 'on' | 'off' | undefined {
  if (state.unifiedMemory !== undefined) return state.unifiedMemory;
  const [, board, gigabytes] = timeSliced.exec(product ?? '') ?? [];
  const sizes = gpuOf(board ?? null)?.memory.map(gigabytesOf) ?? [];
  return sizes.length > 0 && Number(gigabytes) < wholeOfBoard * Math.min(...sizes) ? 'off' : undefined;
}

const gigabytesOf = (text: string): number =>
  /MiB$/.test(text) ? Number.parseFloat(text) / 1024 : Number.parseFloat(text);

const withoutCuda = profilesWithoutCuda.map(({ product, says }) => ({ says, product: new RegExp(product) }));
const forDesktops = new RegExp(profilesForDesktops);

/** What a virtual GPU without CUDA is, as a part of a sentence; undefined for any other device. */
export const profileWithoutCuda = (product: string | null): string | undefined =>
  withoutCuda.find((row) => product !== null && row.product.test(product))?.says;

/** Whether the profile of a virtual GPU has CUDA (see `virtualProfileRule`). */
export function cudaOfProfile({ product, virtual }: UnitFacts): Plain {
  if (product === null) return virtual === false ? 'native' : 'unknown';
  if (profileWithoutCuda(product) !== undefined) return 'incompatible';
  return forDesktops.test(product) ? 'unknown' : 'native';
}
