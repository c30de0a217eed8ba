/** A bracketed address: `[<ffffffff81000000>]`, `[c000...]`, `[0x...]`. */
const address = String.raw`\[<?(?:0x)?[0-9a-f]+>?\]`;
/** A function name up to its first suffix or its offset. Demangled Rust names have more in them. */
const name = String.raw`([A-Za-z0-9_]+|<[^>\n]{1,200}>(?:::[A-Za-z0-9_<>{}#]+)+|[A-Za-z0-9_]+(?:::[A-Za-z0-9_<>{}#]+)+)(?:\.[A-Za-z0-9_.]*)?\+`;

const plainFrame = new RegExp(`^ *(?:${address} ){0,2}${name}`);
/** arm: `[<pc>] (func) from [<pc>] (caller+0x1/0x2)`; newer ` func from caller+0x1/0x2`. */
const armFrame = new RegExp(
  `^ *(?:${address} )?\\(([A-Za-z0-9_]+)(?:[.+][^)]*)?\\) from ${address} \\(([A-Za-z0-9_]+)`,
);

const ipLine = new RegExp(
  `(?:\\b[REN]?IP(?=[: ])|pc |PC is at):? *(?:[0-9]+:)? *(?:(?:${address} +){0,2}${name}|0x[0-9a-f]+|(?:(?:${address}|\\[< *\\(null\\)>\\]) +){0,2}\\(null\\))`,
);

/** The functions that a frame line shows, callee first; empty if the text (demangled) is no frame line. */
export function frameFunctions(text: string): readonly string[] {
  const arm = armFrame.exec(text);
  if (arm?.[1] !== undefined && arm[2] !== undefined) return [arm[1], arm[2]];
  const plain = plainFrame.exec(text);
  return plain?.[1] === undefined ? [] : [plain[1]];
}

/** The IP line's function: undefined if the text is no IP line, null if it is one without a function. */
export function ipFunction(text: string): string | null | undefined {
  const match = ipLine.exec(text);
  return match === null ? undefined : (match[1] ?? null);
}

/** How stacks begin, one entry a sort (`specs/titles.md` section 4). */
export const stackStarts: readonly { readonly start: RegExp; readonly mayLackFrames?: boolean }[] = [
  { start: /Call [Tt]race/ },
  { start: /Allocated:/ },
  { start: /Allocated by task [0-9]+:/ },
  { start: /Freed:/ },
  { start: /Freed by task [0-9]+:/ },
  // kmemleak's; a "stack backtrace:" is lockdep's, and followed by a call trace.
  { start: /[^k] backtrace(?: \(crc [0-9a-f]+\))?:/ },
  { start: /Backtrace:/ },
  { start: /Uninit was stored to memory at/ },
  // riscv prints the trace right behind the registers.
  { start: /status: [0-9a-f]{8,16} badaddr: [0-9a-f]{8,16} cause: [0-9a-f]{8,16}/, mayLackFrames: true },
];

export function isStackStart(text: string): boolean {
  return stackStarts.some((s) => s.start.test(text));
}

/** The lines that introduce the trace proper. */
export const traceStart = /Call [Tt]race:|Backtrace:/;
