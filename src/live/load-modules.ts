import { readModuleImage } from '../kernel/kallsyms/module-image.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type KernelModule, readModules } from '../kernel/module.ts';
import { readBuildId, readSections } from '../kernel/module-sections.ts';
import type { LoadedSection } from '../kernel/symbols.ts';
import type { LiveModule } from '../model/live.ts';
import type { Image } from '../symbols/image.ts';
import type { SymbolFiles } from '../symbols/symbol-files.ts';

/** What was found of the modules. */
export interface LoadedModules {
  readonly modules: readonly LiveModule[];
  /** Names of those without a file that fits. */
  readonly missing: readonly string[];
  readonly problems: readonly string[];
}

/** What was read of a module while the machine stood still. */
export interface ReadModule {
  readonly module: KernelModule;
  readonly sections: readonly LoadedSection[];
  readonly buildId?: string;
}

/** Reads what the kernel knows of its modules. */
export async function readLoadedModules(
  kernel: Kernel,
): Promise<{ readonly modules: readonly ReadModule[]; readonly problems: readonly string[] }> {
  const { modules, problems } = await readModules(kernel);
  const read = await Promise.all(
    modules.map(async (module) => {
      const sections = (await readSections(kernel, module)) ?? [];
      const buildId = await readBuildId(kernel, module, sections);
      return { module, sections, ...(buildId !== undefined && { buildId }) };
    }),
  );
  return { modules: read, problems };
}

/** Has the kernel's symbols know where modules are, without their files. */
export function placeModules(kernel: Kernel, read: readonly ReadModule[]): void {
  for (const { module, sections } of read)
    kernel.symbols.addModule({ name: module.name, structure: module.address, ranges: module.ranges, sections });
}

/** Modules that are read whole. */
const mostImages = 64;

/** Reads the symbols and the code of the modules that some addresses are in, for those of which no file will be found. */
export async function readModuleImages(
  kernel: Kernel,
  read: readonly ReadModule[],
  addresses: readonly bigint[],
): Promise<ReadonlyMap<string, Image>> {
  const found = new Map<string, Image>();
  const wanted = read.filter(({ module }) =>
    module.ranges.some(({ start, bytes }) => addresses.some((at) => at >= start && at < start + BigInt(bytes))),
  );
  await Promise.all(
    wanted.slice(0, mostImages).map(async ({ module, sections }) => {
      const image = await readModuleImage(kernel, module, sections);
      if (image !== undefined) found.set(module.name, image);
    }),
  );
  return found;
}

/** Finds the files of modules, and has the kernel's symbols know them. */
export async function addModules(
  kernel: Kernel,
  read: readonly ReadModule[],
  files: SymbolFiles,
  inMemory: ReadonlyMap<string, Image> = new Map(),
): Promise<LoadedModules> {
  const modules: LiveModule[] = [];
  const missing: string[] = [];
  for (const { module, sections, buildId } of read) {
    const { release } = kernel.identity;
    const judged = await files.module(
      module.name,
      { ...(release !== undefined && { release }), ...(buildId !== undefined && { buildId }) },
      [],
    );
    const fits = judged !== undefined && judged.file.match !== 'refused';
    if (!fits) missing.push(module.name);
    const image = fits ? judged.image : inMemory.get(module.name);
    kernel.symbols.addModule({
      name: module.name,
      structure: module.address,
      ranges: module.ranges,
      sections,
      ...(image !== undefined && { image }),
    });
    const [first] = module.ranges;
    modules.push({
      name: module.name,
      address: first?.start ?? module.address,
      bytes: module.ranges.reduce((sum, { bytes }) => sum + bytes, 0),
      ...(module.state !== undefined && { state: module.state }),
      ...(judged !== undefined && { file: judged.file }),
    });
  }
  return { modules, missing, problems: [] };
}
