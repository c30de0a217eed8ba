import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sectionFlag, sectionType } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import type { ElfFiles } from '../elf/with-debug-file.ts';
import { IndexCache } from './index-cache.ts';
import { Fingerprinter } from './index-cache-fingerprint.ts';
import { indexSuffix } from './index-cache-folder.ts';

/** What is in smaller files is found faster than an index could be read. */
const smallestFile = 4_194_304;
/** Sections whose answers depend on other files, which may come and go. */
const dependent: readonly string[] = ['.debug_addr', '.gnu_debugaltlink', '.debug_sup'];
/** Sections that are looked into to see that the file is still the same, and how. */
const sampled: readonly string[] = ['.symtab', '.strtab', '.BTF', '.debug_info', '.debug_abbrev', '.debug_line'];
const samples = 4;
const sampleBytes = 64;

/** What makes the answers: this version of the program, and while it is developed this build of it. */
function programIdentity(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { mtimeMs } = statSync(new URL(import.meta.url));
  return `${/"version":\s*"([^"]+)"/.exec(text)?.[1] ?? ''} ${mtimeMs}`;
}

/** Sums up where everything lies in a file, and some bytes of what answers come from. */
function addFile(sum: Fingerprinter, file: ElfFile): void {
  for (const { name, address, offset, size, flags } of file.sections)
    sum.addText(`${name} ${address} ${offset} ${size} ${flags}`);
  const bytes = new Uint8Array(sampleBytes);
  for (const name of sampled) {
    const section = file.section(name);
    if (section === undefined || !file.hasContents(section) || section.type === sectionType.nobits) continue;
    // To decompress or relocate it would take longer than all the rest.
    if ((section.flags & sectionFlag.compressed) !== 0 || (file.type === 'rel' && name.startsWith('.debug'))) continue;
    const data = file.data(section);
    for (let sample = 0; sample < samples; sample++) {
      const filled = data.readInto(bytes, Math.floor((data.size / samples) * (sample + 0.5)));
      sum.add(bytes, 0, filled);
    }
  }
}

/**
 * The index of some files that belong together; undefined where there can be none, as they
 * are small or have no build ID. An index is of these files only: of the same build ID, sizes, times of change, layout
 * and samples of their contents, and of this version of the program.
 * @throws KtriageError KT-ELF-*, KT-FILE-* where the files are damaged
 */
export function openIndexCache(folder: string, { loaded, symbols, debug }: ElfFiles): IndexCache | undefined {
  const { buildId } = loaded;
  if (buildId === undefined || dependent.some((name) => debug.section(name) !== undefined)) return undefined;
  const files = new Set([loaded, symbols, debug]);
  const sum = new Fingerprinter();
  let name = buildId;
  try {
    let largest = 0;
    for (const file of files) {
      const { size, mtimeNs } = statSync(file.name, { bigint: true });
      name += `-${size.toString(36)}-${mtimeNs.toString(36)}`;
      largest = Math.max(largest, Number(size));
    }
    if (largest < smallestFile) return undefined;
    sum.addText(programIdentity());
    for (const file of files) addFile(sum, file);
  } catch (error) {
    // Whatever became of the files, they are open.
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
  sum.addText(name);
  const place = { path: join(folder, `${name.slice(0, 200)}${indexSuffix}`), fingerprint: sum.fingerprint };
  return new IndexCache(place, symbols.sections);
}
