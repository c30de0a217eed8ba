import type { KernelSymbols } from '../kernel/symbols.ts';
import type { FileResult } from '../model/document.ts';
import type { CrashReport, Frame, InlineFrame } from '../model/report.ts';
import { chainOf } from '../symbols/resolve.ts';

/** Where a report of the log is from: the innermost function, and those that it is inlined into. */
export interface ReportPlace {
  readonly at: InlineFrame;
  readonly inlinedInto: readonly InlineFrame[];
}

/** Reports that are looked up. */
const mostReports = 4;

/** Finds where the first reports of the printk buffer are from, in the files that were found for the guest. */
export async function reportPlaces(
  symbols: KernelSymbols,
  log: FileResult | undefined,
): Promise<ReadonlyMap<CrashReport, ReportPlace>> {
  const places = new Map<CrashReport, ReportPlace>();
  for (const report of log?.reports.slice(0, mostReports) ?? []) {
    const [frame] = report.frames;
    const place = frame && (await placeOf(symbols, frame));
    if (place !== undefined) places.set(report, place);
  }
  return places;
}

async function placeOf(symbols: KernelSymbols, frame: Frame): Promise<ReportPlace | undefined> {
  const { function: name, offset, module } = frame;
  if (name === undefined || offset === undefined) return undefined;
  const image = module === undefined ? symbols.vmlinux : symbols.modules.find((each) => each.name === module)?.image;
  const named = image?.symbolsNamed(name) ?? [];
  const [symbol] = named;
  // Of several functions of a name nothing tells which one it was.
  if (image === undefined || symbol === undefined || named.length > 1 || !image.hasDebugInfo) return undefined;
  const [frames = []] = await image.resolve([symbol.address + offset]);
  const chain = chainOf(frames);
  const own: InlineFrame = {
    function: name,
    ...(chain?.source && { source: { file: chain.source.file, line: chain.source.line } }),
  };
  const [at = own, ...inlinedInto] = [...(chain?.inlined ?? []), own];
  return { at, inlinedInto };
}
