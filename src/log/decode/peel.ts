import { anchorText, frameText, kernelText } from './anchors.ts';
import { ComposeNames } from './compose.ts';
import { Item } from './item.ts';
import { isDictionary } from './kmsg.ts';
import { layersByStart } from './layers.ts';
import { MonotonicJournal } from './monotonic.ts';
import { joinPackets, joinPieces, splitLines, unfinished } from './pieces.ts';
import { parseCallerAlone, takeBehindBegun, takePrintk } from './printk.ts';
import { QuotedLines } from './quoted.ts';
import { OpenRegions, takeWeakLayers } from './regions.ts';
import { Hosts, takeHostAndTag } from './syslog.ts';
import { UnknownPrefixes } from './unknown-prefix.ts';

/** No log has more layers. */
const maxLayers = 12;
const maxRounds = 8;
/** Lines of others that may stand between two of a kernel that prints stamps. */
const stampReach = 64;
const nowhere = { firstLine: 0, lastLine: 0, firstByte: 0, endByte: 0 };

/** Takes off what its form alone tells, until the kernel's stamp, or something that the other lines must decide. */
function takeLayers(item: Item): void {
  for (let n = 0; n < maxLayers && !item.done; n++) {
    // Lines of one message: each will have its own stamp, or none.
    if (item.layers !== '' && item.text.includes('\n')) return;
    if (takePrintk(item)) return;
    if (item.origin === 'kernel') {
      item.done = true;
      return;
    }
    if (takeCallerAlone(item)) return;
    if (item.dated || item.stream !== '') return;
    let taken = false;
    for (const layer of layersByStart[item.text.charCodeAt(0)] ?? []) {
      if (layer.take(item)) {
        taken = true;
        break;
      }
    }
    if (!taken || item.text.includes('\n')) return;
  }
}

/** A caller id behind anything but a stamp: dmesg writes it behind all its kinds of time. */
function takeCallerAlone(item: Item): boolean {
  if (item.layers === '') return false;
  const caller = parseCallerAlone(item.text);
  if (caller === undefined) return false;
  item.take(caller.end, 'caller');
  item.caller = caller.caller;
  item.origin = 'kernel';
  item.dated = false;
  item.done = true;
  return true;
}

/** Finds and takes off the layers of the lines of a block, each with the help of the others. */
export class Peeler {
  private readonly hosts = new Hosts();
  private readonly regions = new OpenRegions();
  private readonly prefixes = new UnknownPrefixes('front');
  private readonly inner = new UnknownPrefixes('behind the stamp');
  private readonly quoted = new QuotedLines();
  private readonly compose = new ComposeNames();
  private readonly monotonic = new MonotonicJournal();
  /** Lines since the last one with the kernel's stamp. */
  private sinceStamp = stampReach;
  /** Soft dates behind which printk stamps were seen: a terminal's and not dmesg's. */
  private readonly softStamped = new Set<string>();
  private held: readonly Item[] = [];
  private kmsg = false;

  /** Lines were skipped: pieces that wait for the rest are forgotten, regions are not known to go on. */
  reset(): void {
    this.held = [];
    this.regions.clear();
  }

  /** Peels a block; what the next lines may continue is held back unless `final`. */
  peel(block: readonly Item[], final: boolean): readonly Item[] {
    let items: readonly Item[] = this.held.length === 0 ? block : [...this.held, ...block];
    this.held = [];
    let open = this.strong(items);
    if (open) {
      items = this.rounds(items, final);
      open = false;
    }
    this.monotonic.take(items);
    for (let round = 0; round < 3 && this.inner.take(items); round++);
    this.settle(items);
    return items;
  }

  /** One pass of the strong layers. True if any line may need more. */
  private strong(items: readonly Item[]): boolean {
    let open = false;
    for (const item of items) {
      if (!item.done) takeLayers(item);
      if (!item.stamped || item.stream !== '') open = true;
    }
    return open;
  }

  private rounds(block: readonly Item[], final: boolean): readonly Item[] {
    let items = block;
    for (let round = 0; round < maxRounds; round++) {
      items = this.joined(items, final);
      if (this.takeHosts(items)) continue;
      this.continueLines(items);
      const probe = (text: string): 0 | 1 | 2 => this.probe(text);
      if (
        this.compose.take(items) ||
        takeWeakLayers(items, this.regions, probe) ||
        this.quoted.take(items) ||
        this.prefixes.take(items)
      ) {
        this.strong(items);
        continue;
      }
      break;
    }
    return items;
  }

  /** Joins pieces, drops what is no message, splits messages of several lines, and goes on with the strong layers. */
  private joined(block: readonly Item[], final: boolean): readonly Item[] {
    let items = block;
    for (let n = 0; n < 4; n++) {
      joinPieces(items);
      const held = final ? [] : unfinished(items);
      if (held.length > 0) {
        this.held = [...this.held, ...held];
        for (const item of held) item.dropped = true;
      }
      let again = false;
      for (const item of items) {
        if (item.dropped) continue;
        if (item.stream !== '' || item.text.includes('\n')) {
          item.stream = '';
          again ||= !item.done || item.text.includes('\n');
        }
        if (item.layers.endsWith('kmsg')) this.kmsg = true;
        else if (this.kmsg && isDictionary(item.text)) item.dropped = true;
      }
      items = splitLines(items.filter((item) => !item.dropped));
      for (const item of held) item.dropped = false;
      if (!again) break;
      this.strong(items);
    }
    return items;
  }

  /** Hosts and tags behind dates, once all dates of the block are off. */
  private takeHosts(items: readonly Item[]): boolean {
    if (!items.some((item) => item.dated && !item.done)) return false;
    const dated = items.filter((item) => item.dated && !item.done);
    this.hosts.learn(dated);
    for (const item of dated) {
      item.dated = false;
      takeHostAndTag(item, this.hosts);
      takeLayers(item);
    }
    joinPackets(items);
    return true;
  }

  /** The further lines of a message in journalctl's output are indented to where it begins. */
  private continueLines(items: readonly Item[]): void {
    let before: Item | undefined;
    for (const item of items) {
      const margin = before?.taken ?? 0;
      if (
        before !== undefined &&
        !item.done &&
        item.taken === 0 &&
        before.origin === 'kernel' &&
        !before.stamped &&
        margin >= 12 &&
        margin <= 200 &&
        item.text.length > margin &&
        item.text.slice(0, margin).trim() === ''
      ) {
        item.take(margin, before.layers);
        item.origin = before.origin;
        item.level = before.level;
        item.seconds = before.seconds;
        item.done = true;
      }
      if (item.done) before = item;
      else if (item.text.trim() !== '') before = undefined;
    }
  }

  /** What a line would be, were a weak layer taken off it. */
  private probe(text: string): 0 | 1 | 2 {
    const item = new Item(text, nowhere);
    takeLayers(item);
    if (item.dated) {
      item.dated = false;
      this.hosts.learn([Object.assign(item.copy(item.text), { dated: true })]);
      if (takeHostAndTag(item, this.hosts)) takeLayers(item);
    }
    if (item.origin === 'kernel' || item.soft !== '') return 2;
    return anchorText.test(item.text) || frameText.test(item.text) ? 1 : 0;
  }

  /** Decides what only the whole block tells. */
  private settle(items: readonly Item[]): void {
    for (const item of items) {
      if (item.stamped) this.sinceStamp = 0;
      else if (!item.done && this.sinceStamp < stampReach && takeBehindBegun(item)) this.sinceStamp = 0;
      else this.sinceStamp++;
    }
    let soft = false;
    for (const item of items) {
      if (item.soft === '') continue;
      soft = true;
      if (item.stamped) this.softStamped.add(item.soft);
    }
    if (!soft) return;
    for (const item of items) {
      if (item.soft !== '' && !item.stamped && !this.softStamped.has(item.soft)) item.origin = 'kernel';
    }
  }
}

/** True for text that nothing but a kernel prints. */
export function isKernelText(text: string): boolean {
  return kernelText.test(text);
}
