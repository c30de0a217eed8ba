import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sectionFlag, sectionType } from '../../elf/constants.ts';
import type { ElfFile } from '../../elf/elf-file.ts';
import { runProcess } from '../../io/process.ts';
import { type SymbolizerChoice, toolNames, whereIs } from './choice.ts';

/** The largest module there is takes a linker some seconds. */
const linkMilliseconds = 120_000;

/** Names that are nothing else to a linker's script; others keep no place of their own. */
const plainName = /^[A-Za-z_.][\w.$-]{0,255}$/;

/** A module that was linked, so that each of its sections is at an address of its own. `remove` it. */
export interface LinkedCopy {
  readonly path: string;
  remove(): void;
}

/**
 * Links a module to the addresses that `elf` has given its sections (module-layout.ts). All sections of a module
 * itself begin at 0, and llvm-symbolizer mixes them up: of 861 addresses in .text 152 came out wrong.
 * Returns why there is no copy, if there is none.
 */
export async function linkCopy(
  elf: ElfFile,
  environment: SymbolizerChoice['environment'],
  signal?: AbortSignal,
): Promise<LinkedCopy | string> {
  const linkers = toolNames('ld', environment, elf.machine).flatMap((name) => whereIs(name, environment) ?? []);
  if (linkers.length === 0) return 'there is no ld, which would have to link it first';
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-linked-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const script = join(folder, 'script');
    const path = join(folder, 'linked');
    writeFileSync(script, linkerScript(elf));
    const flags = ['-e', '0', '--unresolved-symbols=ignore-all', '--noinhibit-exec', '-nostdlib', '-T', script];
    for (const linker of linkers) {
      await runProcess(linker, [...flags, '-o', path, elf.name], {
        timeoutMilliseconds: linkMilliseconds,
        maxOutputBytes: 1_048_576,
        signal,
      });
      signal?.throwIfAborted();
      // What it cannot resolve makes it fail, and does not matter: the kernel is not there.
      if (existsSync(path)) return { path, remove };
    }
  } catch (error) {
    remove();
    throw error;
  }
  remove();
  return `${linkers.join(' and ')} cannot link it`;
}

function linkerScript(elf: ElfFile): string {
  const placed = new Set<string>();
  const lines: string[] = [];
  for (const { name, address, size, flags, type } of elf.sections) {
    const loaded = (flags & sectionFlag.alloc) !== 0 && size > 0 && type !== sectionType.null;
    if (!loaded || placed.has(name) || !plainName.test(name)) continue;
    placed.add(name);
    lines.push(`  ${name} 0x${address.toString(16)} : { *(${name}) }`);
  }
  return `SECTIONS {\n${lines.join('\n')}\n}\n`;
}
