import { gzipSync } from 'node:zlib';

/** A file or folder of an initramfs. */
export interface InitramfsEntry {
  /** Without a slash in front. */
  readonly path: string;
  /** Absent for a folder. */
  readonly data?: Uint8Array;
  readonly isExecutable?: boolean;
}

/** `cpio -H newc`: a head of 13 numbers in hex, the name, the data, each filled up to 4 bytes (Documentation/driver-api/early-userspace/buffer-format.rst). */
function member({ path, data, isExecutable = false }: InitramfsEntry, inode: number): Buffer[] {
  const mode = data === undefined ? 0o040755 : isExecutable ? 0o100755 : 0o100644;
  const name = Buffer.from(`${path}\0`, 'latin1');
  const size = data?.length ?? 0;
  const numbers = [inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name.length, 0];
  const head = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}`;
  const fill = (length: number): Buffer => Buffer.alloc((4 - (length % 4)) % 4);
  return [
    Buffer.from(head, 'latin1'),
    name,
    fill(head.length + name.length),
    ...(data === undefined ? [] : [Buffer.from(data), fill(size)]),
  ];
}

/** An initramfs as the kernel takes it. The folders of its files must be among the entries, before them. */
export function packInitramfs(entries: readonly InitramfsEntry[]): Buffer {
  const all = [...entries, { path: 'TRAILER!!!', data: new Uint8Array() }];
  return gzipSync(Buffer.concat(all.flatMap((entry, nth) => member(entry, nth + 1))), { level: 1 });
}
