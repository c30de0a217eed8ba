import { anchorText } from './anchors.ts';
import type { Item } from './item.ts';
import { type WeakLayer, weakLayers } from './weak-layers.ts';

/** Says whether a text is a kernel's line: 2 by its stamp or tag, 1 by its words, 0 if not. */
export type Probe = (text: string) => 0 | 1 | 2;

/** No more lines of a region are tried than this: enough to know. */
const maxProbes = 48;

interface Region {
  readonly from: number;
  readonly to: number;
  readonly key: number;
}

/** Weak layers that reached the end of the lines seen so far, with their keys: the next line may go on with them. */
export class OpenRegions {
  private readonly keys = new Map<string, number>();

  clear(): void {
    this.keys.clear();
  }

  get(layer: string): number | undefined {
    return this.keys.get(layer);
  }

  set(layer: string, key: number | undefined): void {
    if (key === undefined) this.keys.delete(layer);
    else this.keys.set(layer, key);
  }
}

function isOpen(item: Item): boolean {
  return !item.done && item.origin === 'unknown' && item.soft === '';
}

/** The end of the run of lines from `from` on that the layer fits; empty lines do not end it. */
function runEnd(items: readonly Item[], from: number, layer: WeakLayer): number {
  let end = from;
  for (let i = from; i < items.length; i++) {
    const item = items[i];
    if (item?.prompted === true) continue;
    if (item === undefined || !isOpen(item)) break;
    if (layer.measure(item.text) > 0) end = i + 1;
    else if (item.text.trim() !== '') break;
  }
  return end;
}

interface Vote {
  lines: number;
  stamped: number;
  /** Lines that the kernel never indents. */
  unindented: number;
}

/** The key of a run for which kernel lines appear behind the layer, if there is one. */
function evidence(
  items: readonly Item[],
  from: number,
  to: number,
  layer: WeakLayer,
  probe: Probe,
  known: number | undefined,
): number | undefined {
  const votes = new Map<number, Vote>();
  const step = Math.max(1, Math.floor((to - from) / maxProbes));
  // A headline may stand anywhere: lines that begin like one are looked at in any case.
  let probes = 0;
  for (let i = from; i < to; i++) {
    const text = items[i]?.text ?? '';
    const key = layer.measure(text);
    if (key === 0) continue;
    const rest = text.slice(Math.max(0, layer.cut(text, key)));
    const likely = anchorText.test(rest);
    if (!likely && ((i - from) % step !== 0 || probes > maxProbes)) continue;
    if (!likely) probes++;
    const found = likely ? Math.max(1, probes++ < maxProbes ? probe(rest) : 1) : probe(rest);
    if (found === 0) continue;
    const vote = votes.get(key) ?? { lines: 0, stamped: 0, unindented: 0 };
    vote.lines++;
    if (found === 2) vote.stamped++;
    if (likely) vote.unindented++;
    votes.set(key, vote);
  }
  const enough = [...votes].filter(
    ([, vote]) => vote.stamped > 0 || vote.lines >= layer.need || (layer.distinct === true && to - from >= 6),
  );
  // Frames are indented by the kernel, some further than others: only if nothing else tells do they say by how much.
  const exact = enough.filter(([, vote]) => vote.stamped + vote.unindented > 0);
  if (exact.length > 0) return exact.reduce((best, next) => (next[1].lines > best[1].lines ? next : best))[0];
  if (enough.length === 0 || (known !== undefined && from === 0)) return undefined;
  return Math.min(...enough.map(([key]) => key));
}

function apply(items: readonly Item[], region: Region, layer: WeakLayer): boolean {
  let changed = false;
  for (let i = region.from; i < region.to; i++) {
    const item = items[i];
    if (item === undefined || !isOpen(item)) continue;
    const length = layer.cut(item.text, region.key);
    if (length > 0) {
      item.take(length, layer.name);
      changed = true;
    }
  }
  return changed;
}

const attribution = /\b(?:wrote|writes|schrieb|\xc3\xa9crit|escribi\xc3\xb3|scrisse)\b.{0,40}:$/;
/** Code blocks of Markdown; no kernel indents all of its lines as far. */
const codeIndent = 4;

/** The key of a run that shows itself without any line of a kernel's: a mail's quote, a block that is all indented. */
function declared(items: readonly Item[], from: number, to: number, layer: WeakLayer): number | undefined {
  if (layer.name === 'quoted') {
    const before = items[from - 1]?.text ?? '';
    return attribution.test(before.slice(-80)) ? layer.measure(items[from]?.text ?? '') : undefined;
  }
  if (layer.name !== 'indented') return undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < items.length; i++) {
    const text = items[i]?.text ?? '';
    if (text.trim() === '') continue;
    if (i < from || i >= to) return undefined;
    least = Math.min(least, layer.measure(text));
  }
  return least >= codeIndent && Number.isFinite(least) ? least : undefined;
}

/** Takes one weak layer off wherever the lines bear it out. True if anything changed. */
export function takeWeakLayers(items: readonly Item[], open: OpenRegions, probe: Probe): boolean {
  for (const layer of weakLayers) {
    let changed = false;
    let last: number | undefined;
    for (let i = 0; i < items.length; ) {
      const item = items[i];
      if (item === undefined || !isOpen(item) || layer.measure(item.text) === 0) {
        i++;
        continue;
      }
      const to = runEnd(items, i, layer);
      const key =
        evidence(items, i, to, layer, probe, open.get(layer.name)) ??
        (i === 0 ? open.get(layer.name) : undefined) ??
        declared(items, i, to, layer);
      if (key !== undefined && apply(items, { from: i, to, key }, layer)) {
        changed = true;
        if (to === items.length) last = key;
      }
      i = Math.max(to, i + 1);
    }
    if (changed) {
      open.set(layer.name, last);
      return true;
    }
  }
  return false;
}
