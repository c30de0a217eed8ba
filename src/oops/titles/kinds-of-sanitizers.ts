/** The variants of each family that the catalogue has; what is not among them is `family/other`. */
const variants: Readonly<Record<string, readonly string[]>> = {
  kasan: [
    ...['use-after-free', 'slab-use-after-free', 'slab-out-of-bounds', 'stack-out-of-bounds', 'global-out-of-bounds'],
    ...['vmalloc-out-of-bounds', 'alloca-out-of-bounds', 'out-of-bounds', 'use-after-scope', 'null-ptr-deref'],
    ...['wild-memory-access', 'user-memory-access', 'maybe-wild-memory-access', 'invalid-access', 'invalid-free'],
    ...['double-free', 'unknown-crash'],
  ],
  kfence: ['use-after-free', 'out-of-bounds'],
  kmsan: [
    ...['uninit-value', 'use-after-free', 'kernel-infoleak', 'kernel-infoleak-after-free', 'kernel-usb-infoleak'],
    'kernel-usb-infoleak-after-free',
  ],
  kcsan: ['data-race', 'assert'],
  ubsan: [
    ...['undefined-behaviour', 'array-index-out-of-bounds', 'shift-out-of-bounds', 'signed-integer-overflow'],
    ...['unsigned-integer-overflow', 'negation-overflow', 'division-overflow', 'implicit-conversion'],
    ...['integer-truncation', 'pointer-overflow', 'null-ptr-deref', 'misaligned-access', 'alignment-assumption'],
    ...['object-size-mismatch', 'invalid-load', 'unreachable', 'vla-bound', 'nonnull-argument'],
  ],
};

/** The catalogue's kind for what a sanitizer calls the bug. */
export function sanitizerKind(family: 'kasan' | 'kfence' | 'kmsan' | 'kcsan' | 'ubsan', variant: string): string {
  return `${family}/${variants[family]?.includes(variant) ? variant : 'other'}`;
}
