import type { Btf } from '../btf/btf.ts';
import type { MissingKernel } from '../kernel/find-kernel.ts';
import { identifyMachine, type MachineIdentity } from '../kernel/identify-machine.ts';
import type { Kernel, KernelIdentity } from '../kernel/kernel.ts';
import { ownTypes } from '../kernel/kernel-types.ts';
import { openKernel } from '../kernel/open-kernel.ts';
import { readKernelFile } from '../kernel/slide/kernel-file.ts';
import type { Machine } from '../machine/machine.ts';
import type { SymbolFile } from '../model/symbols.ts';
import { howToGet } from '../symbols/how-to-get.ts';
import type { Image } from '../symbols/image.ts';
import { type FileOptions, SymbolFiles } from '../symbols/symbol-files.ts';
import { KtriageError } from '../util/errors.ts';
import type { RestingImage } from './without-kernel.ts';

/** A kernel that was found with its vmlinux, or what is missing. */
export interface OpenedGuest {
  readonly kernel?: Kernel;
  readonly identity?: KernelIdentity;
  readonly vmlinux?: SymbolFile;
  /** A kernel that does not run, and lies in memory. */
  readonly resting?: RestingImage;
  /** Why there are no names, and how to get them; and what is not as it should be. */
  readonly problems: readonly string[];
}

/** Files of a guest's kernel: those that were named are opened before the guest is stopped. `close` it. */
export class GuestFiles {
  readonly files: SymbolFiles;
  readonly #options: FileOptions;
  #named: Image | undefined;
  readonly #types = new Map<Image, Btf | undefined>();

  private constructor(options: FileOptions) {
    this.#options = options;
    this.files = new SymbolFiles(options);
  }

  /** @throws KtriageError KT-FILE-*, KT-ELF-*, KT-SYMBOLS-* for files that were named and cannot be used. */
  static async open(options: FileOptions): Promise<GuestFiles> {
    const guest = new GuestFiles(options);
    await guest.files.check();
    if (options.vmlinux === undefined) return guest;
    const image = await guest.files.anyVmlinux({});
    if (!('path' in image)) return guest;
    guest.#named = image;
    await guest.#warmUp(image);
    return guest;
  }

  /**
   * Finds the kernel in a machine that stands still: that of the vmlinux that was named, else one for what the machine
   * says it runs. While files for that one are sought, which may be fetched from servers, the machine may run.
   * @param mayRun whether it may, as it ran before.
   * @throws what the machine's methods throw; KtriageError KT-ELF-*, KT-KERNEL-*; the signal's reason.
   */
  async openGuest(machine: Machine, mayRun = false): Promise<OpenedGuest> {
    const tried = this.#named && (await this.#openWith(machine, this.#named, undefined));
    const named = tried?.opened;
    if (named?.kernel !== undefined) return named;
    const asked = tried?.found ?? (await identifyMachine(machine, this.#options));
    const found = asked === 'none' ? undefined : asked;
    if (named !== undefined) return found === undefined ? named : this.#withoutFile(machine, found, named);
    if (found === undefined) return { problems: [notFound(machine)] };
    const { identity } = found;
    if (mayRun) await machine.resume();
    const judged = await this.files.vmlinux(identity, []);
    const fetched = judged === undefined && this.#options.debuginfod && (await this.files.anyVmlinux(identity));
    const isUsable = judged !== undefined && judged.file.match !== 'refused';
    const image = isUsable ? judged.image : fetched && 'path' in fetched ? fetched : undefined;
    if (image !== undefined) await this.#warmUp(image);
    if (mayRun) await machine.stop();
    if (image === undefined) return this.#withoutFile(machine, found, without(identity, judged?.file));
    return (await this.#openWith(machine, image, identity)).opened;
  }

  /** By what the kernel's memory has itself, if it can be. */
  async #withoutFile(machine: Machine, found: MachineIdentity, rest: OpenedGuest): Promise<OpenedGuest> {
    const { openFromMemory } = await import('../kernel/kallsyms/open-from-memory.ts');
    const opened = await openFromMemory(machine, found, this.#options.signal);
    if (typeof opened === 'string')
      return { ...rest, problems: [...rest.problems, `its own symbols do not help: ${opened}`] };
    const { kernel, problems } = opened;
    const { path, buildId } = kernel.symbols.vmlinux;
    return {
      ...{ kernel, identity: kernel.identity },
      vmlinux: {
        ...{ path, ...(buildId !== undefined && { buildId }), symbolsOnly: true, match: 'certain' },
        reasons: ['the running kernel has them itself (kallsyms); source lines need its vmlinux'],
      },
      // What is missing and how to get it, or that a file is another kernel's and where that was seen first.
      problems: [...rest.problems.slice(0, 2), ...problems],
    };
  }

  close(): void {
    this.files.close();
  }

  /** Reads of a file what will be needed, so that no machine stands still for it. What is wrong with it is told later. */
  async #warmUp(image: Image): Promise<void> {
    if (this.#types.has(image)) return;
    this.#types.set(image, await ownTypes(image));
    readKernelFile(image);
    // Data: functions are looked at before.
    image.symbolAt(image.symbolsNamed('init_task')[0]?.address ?? 0);
  }

  async #openWith(
    machine: Machine,
    vmlinux: Image,
    told: KernelIdentity | undefined,
  ): Promise<{ readonly opened: OpenedGuest; readonly found?: MissingKernel['found'] }> {
    const btf = this.#types.get(vmlinux);
    const opened = await openKernel(machine, { vmlinux, btf, signal: this.#options.signal });
    if (opened.kind === 'not-found') {
      const identity = opened.identity ?? told;
      const what = `the kernel of ${vmlinux.path} was not found in it`;
      const problems = [
        ...(identity?.release === undefined ? [what] : [`${what}: it runs ${identity.release}`]),
        ...opened.reasons,
      ];
      const resting = opened.resting && { ...opened.resting, image: vmlinux };
      return {
        opened: { ...(identity !== undefined && { identity }), ...(resting && { resting }), problems },
        found: opened.found,
      };
    }
    const { kernel, problems } = opened;
    const { buildId } = vmlinux;
    const isSame = buildId !== undefined && buildId === kernel.identity.buildId;
    const file: SymbolFile = {
      path: vmlinux.path,
      ...(buildId !== undefined && { buildId }),
      ...(!vmlinux.hasDebugInfo && { symbolsOnly: true }),
      match: 'certain',
      reasons: [isSame ? 'the build ID in its memory is the same' : 'the banner in its memory is the same'],
    };
    return { opened: { kernel, identity: kernel.identity, vmlinux: file, problems } };
  }
}

/** Through a stub that reads no physical memory (KGDB), a kernel is found only by comparing with its vmlinux. */
function notFound({ canReadPhysical }: Machine): string {
  if (canReadPhysical) return 'no kernel was found in its memory';
  return 'it cannot be told which kernel this is where physical memory cannot be read; name its vmlinux with --vmlinux FILE';
}

function without(identity: KernelIdentity, refused: SymbolFile | undefined): OpenedGuest {
  const release = identity.release ?? 'a kernel that does not say its release';
  const what =
    refused === undefined
      ? `no vmlinux of ${release} was found; name it with --vmlinux FILE`
      : `${refused.path} is not of this kernel (${release}): ${refused.reasons.join('; ')}`;
  const [command] = howToGet(identity).commands;
  return {
    identity,
    ...(refused !== undefined && { vmlinux: refused }),
    problems: [what, ...(command === undefined ? [] : [`to get it: ${command}`])],
  };
}

/** The kernel, or an error for those who can do nothing without. */
export function requireKernel({ kernel, problems }: OpenedGuest): Kernel {
  if (kernel !== undefined) return kernel;
  throw new KtriageError(
    'KT-LIVE-NO-KERNEL',
    'cannot find the kernel in the machine',
    problems.slice(0, 3).join('; '),
    'name its vmlinux with --vmlinux FILE; ktriage doctor says how to get it',
    'unvouched',
  );
}
