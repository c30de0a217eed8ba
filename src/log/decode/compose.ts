import type { Item } from './item.ts';

const attaching = /^Attaching to ([\w.-]{1,64}(?:, [\w.-]{1,64}){0,63})$/;
const row = /^([\w.-]{1,64}) {1,40}\| ?/;

/** `docker compose up` says first which containers it shows, then puts their names before all lines. */
export class ComposeNames {
  private readonly names = new Set<string>();

  /** Takes the names off. True if any was there. */
  take(items: readonly Item[]): boolean {
    let changed = false;
    for (const item of items) {
      if (item.done || item.origin !== 'unknown') continue;
      const code = item.text.charCodeAt(0);
      const list = code === 0x41 ? attaching.exec(item.text)?.[1] : undefined;
      if (list !== undefined) for (const name of list.split(', ')) this.names.add(name);
      if (this.names.size === 0) continue;
      const m = row.exec(item.text);
      if (m === null || !this.names.has(m[1] ?? '')) continue;
      item.take(m[0].length, 'compose');
      changed = true;
    }
    return changed;
  }
}
