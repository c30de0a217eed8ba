import { typesToKnow } from '../btf/types-to-know.ts';
import { callFrameRanges } from '../dwarf/call-frame-table.ts';
import { openDebugInfo } from '../dwarf/open-debug-info.ts';
import { allPieces } from '../dwarf/unit-pieces.ts';
import { sectionFlag } from '../elf/constants.ts';
import { openElf } from '../elf/open-elf.ts';
import type { ElfFiles } from '../elf/with-debug-file.ts';
import { KtriageError } from '../util/errors.ts';
import { readBanner } from './banner.ts';
import { PieceCollector } from './index-cache-code.ts';
import { emptyTables, type IndexContents, indexBytes } from './index-cache-file.ts';
import { writeIndex } from './index-cache-folder.ts';
import { writeCallFrames } from './index-cache-frames.ts';
import { writeSites } from './index-cache-sites.ts';
import { writeSymbols } from './index-cache-symbols.ts';
import { writeTypes } from './index-cache-types.ts';
import { writeUnits } from './index-cache-units.ts';
import type { WantedIndex } from './index-cache-wanted.ts';
import { openIndexCache } from './open-index-cache.ts';
import { allSites } from './patch-tables.ts';

/** Of files with more, none is made: that takes three seconds, and those of distributions have half of it. */
const largestInfo = 536_870_912;
const executable = sectionFlag.alloc | sectionFlag.execute;
/** Addresses that count from one base; a kernel's are within 2 GiB. */
const widest = 2 ** 32;

/**
 * Makes the index of a file and puts it in its place. Takes a second or two, all of it in one go; a file that cannot
 * have an index gets one that says so.
 * @throws KtriageError KT-FILE-*, KT-ELF-* for a file that cannot be opened
 */
export async function makeIndex({ path, root, folder }: WantedIndex): Promise<void> {
  const loaded = await openElf(path);
  let files: ElfFiles = { loaded, symbols: loaded, debug: loaded };
  try {
    if (!loaded.hasDebugInfo) {
      const { withDebugFile } = await import('../elf/with-debug-file.ts');
      files = await withDebugFile(loaded, root === undefined ? {} : { root });
    }
    const place = openIndexCache(folder, files)?.place;
    if (place === undefined) return;
    const contents = await indexContents(files);
    const parts = contents && indexBytes(place.fingerprint, 'whole', contents);
    writeIndex(place.path, parts ?? indexBytes(place.fingerprint, 'useless') ?? []);
  } finally {
    for (const file of new Set([loaded, files.debug])) file.close();
  }
}

/** Does what writes nothing if the file is damaged there, so that whoever looks that up is told. */
function attempt(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof KtriageError)) throw error;
  }
}

/** Undefined where the file is damaged, too large, or has addresses far apart. */
async function indexContents(files: ElfFiles): Promise<IndexContents | undefined> {
  const { debug, symbols: elf } = files;
  const info = debug.section('.debug_info');
  if (info === undefined) return undefined;
  const opened = await openDebugInfo(debug);
  try {
    if (debug.data(info).size > largestInfo) return undefined;
    const code = elf.sections.filter(({ flags, index }) => index > 0 && (flags & executable) === executable);
    const base = Math.min(...code.map(({ address }) => address));
    const end = Math.max(...code.map(({ address, size }) => address + size));
    // Symbols may stand at the end.
    if (!(end - base < widest)) return undefined;
    const pieces = new PieceCollector();
    for (const piece of allPieces(opened.info.parts)) if (piece.low >= base && piece.high <= end) pieces.add(piece);
    if (opened.info.problems.length > 0) return undefined;
    const tables = emptyTables();
    pieces.write(tables.code, base);
    writeUnits(opened.info.parts.finder.all(), tables.units, base);
    // Those of modules are few.
    if (elf.type !== 'rel') {
      attempt(() => writeCallFrames(callFrameRanges(opened.info.parts.store.set), tables.callFrames, base));
      const file = { elf, symbolsNamedEach: (names: readonly string[]) => elf.symbols().namedEach(names) };
      attempt(() => writeSites((take) => allSites(file, take), tables.sites, base));
    }
    attempt(() => {
      const types = typesToKnow(elf);
      if (types !== undefined) writeTypes(types, tables.types, tables.typeNames);
    });
    const symbols = elf.symbols();
    writeSymbols(symbols, symbols.code, tables.symbols, tables.names, base);
    // Of modules hardly any data is asked for.
    if (elf.type !== 'rel') writeSymbols(symbols, symbols.data, tables.data, tables.dataNames, base);
    return { base, banner: readBanner(files), tables };
  } catch {
    // Whoever looks something up is told what is wrong with the file; nobody waits for this.
    return undefined;
  } finally {
    opened.close();
  }
}
