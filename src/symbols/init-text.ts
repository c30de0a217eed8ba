import type { Frame } from '../model/report.ts';

/**
 * Functions that call `__init` code while it is there: init/main.c, kernel/module/main.c, and the threads that the
 * kernel waits for before it frees it (async_synchronize_full() in kernel_init()).
 */
const callsInitCode =
  /^(?:do_one_initcall|do_initcalls?|do_initcall_level|do_basic_setup|do_pre_smp_initcalls|kernel_init(?:_freeable)?|start_kernel|rest_init|x86_64_start_\w+|secondary_startup_64\w*|__primary_switched|setup_arch|do_init_module|load_module|async_run_entry_fn)(?:\.|$)/;

/** Sections that the kernel frees when it has started (free_initmem()), and modules when they are loaded. */
const kernelSections: ReadonlySet<string> = new Set(['.init.text', '.exit.text']);

/** What of a placed frame tells where its code lies. */
interface PlaceInSection {
  readonly image: { readonly isModule: boolean };
  readonly symbol: { readonly section: { readonly name: string } };
}

/** True if a frame is in code that is freed after boot, or (a module's) after loading. */
export function isInitCode({ image, symbol }: PlaceInSection): boolean {
  const { name } = symbol.section;
  return image.isModule ? name === '.init.text' : kernelSections.has(name);
}

/** True if what stands on a stack says that init code was running: the kernel was booting, or a module being loaded. */
export function isBooting(frames: readonly Frame[]): boolean {
  return frames.some(({ function: name }) => name !== undefined && callsInitCode.test(name));
}
