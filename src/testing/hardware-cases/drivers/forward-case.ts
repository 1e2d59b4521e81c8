export const page = 'CUDA Compatibility, forward compatibility, release 615, package and driver table (2026-09-09)';
export const brandsOfNote = [1, 2, 7, 8, 9, 10, 11, 12, 13, 14];
export const note = (cudaVersion: string, drivers: readonly number[]) => ({
  cudaVersion,
  drivers,
  brands: brandsOfNote,
});
/** Drivers of the branches of the table, with the CUDA version that each speaks. */
export const drivers: Readonly<Record<number, string>> = {
  535: '535.183.01 12.2',
  550: '550.54.15 12.4',
  570: '570.124.06 12.8',
  580: '580.65.06 13.0',
  590: '590.44.01 13.1',
  595: '595.45.04 13.2',
  610: '610.10.01 13.3',
};
/** Version of the libraries in each package: that of the driver it was made from. */
export const packages: Readonly<Record<string, string>> = {
  '13.4': '615.10.02',
  '13.3': '610.10.02',
  '13.2': '595.50.01',
  '13.1': '590.48.01',
  '13.0': '580.82.07',
  '12.9': '575.57.08',
  '12.8': '570.133.20',
  '12.6': '560.35.05',
  '12.5': '555.42.06',
  '12.4': '550.54.16',
  '12.3': '545.23.08',
  '12.2': '535.216.01',
};
export const forward = ['forward', 'driver-forward'] as const;
export const tooOld = ['incompatible', 'driver-too-old'] as const;
