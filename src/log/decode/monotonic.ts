import type { Item } from './item.ts';

const kernelLine = /^([A-Za-z0-9][\w.:-]{0,127}) kernel: /;
const programLine = /^([A-Za-z0-9][\w.:-]{0,127}) [\w./@+:()-]{1,128}(?:\[\d{1,10}\])?: /;

/**
 * `journalctl -o short-monotonic` looks like the kernel's console (`[   12.345678] host kernel: text`):
 * the host shows itself by standing before `kernel:` on many lines.
 */
export class MonotonicJournal {
  private readonly hosts = new Set<string>();

  take(items: readonly Item[]): void {
    this.learn(items);
    if (this.hosts.size === 0) return;
    for (const item of items) {
      if (!item.stamped) continue;
      const kernel = kernelLine.exec(item.text);
      if (kernel !== null && this.hosts.has(kernel[1] ?? '')) {
        item.take(kernel[0].length, 'journal');
        continue;
      }
      const host = programLine.exec(item.text)?.[1];
      if (host === undefined || !this.hosts.has(host)) continue;
      item.take(host.length + 1, 'journal');
      item.origin = 'other';
    }
  }

  private learn(items: readonly Item[]): void {
    const votes = new Map<string, number>();
    let stamped = 0;
    for (const item of items) {
      if (!item.stamped) continue;
      stamped++;
      if (!item.text.includes(' kernel: ')) continue;
      const host = kernelLine.exec(item.text)?.[1];
      if (host !== undefined) votes.set(host, (votes.get(host) ?? 0) + 1);
    }
    for (const [host, count] of votes) {
      if ((count >= 2 || stamped <= 2) && count * 4 >= stamped && this.hosts.size < 64) this.hosts.add(host);
    }
  }
}
