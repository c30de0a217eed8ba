import type { Frame, SourceLocation } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { hex } from './words.ts';

/** `net/core/dev.c:123` or with its column; what is no more than a guess says so. */
export function sourceText(source: SourceLocation): string {
  const column = source.column === undefined ? '' : `:${source.column}`;
  return printable(`${source.file}:${source.line}${column}${source.unverified === true ? ' (unverified)' : ''}`);
}

/** What a frame is called by. */
export type NamedFrame = Pick<Frame, 'function' | 'offset' | 'size' | 'module' | 'address'>;

/** `foo+0x12/0x34 [module]`, as the kernel prints it (short: without the size); a bare address where there is no name. */
export function frameText(frame: NamedFrame, form: 'full' | 'short' = 'full'): string {
  let text = frame.function === undefined ? hex(frame.address ?? 0n) : frame.function;
  if (frame.function !== undefined && frame.offset !== undefined) {
    text += `+0x${frame.offset.toString(16)}`;
    if (form === 'full' && frame.size !== undefined) text += `/0x${frame.size.toString(16)}`;
  }
  if (frame.module !== undefined) text += ` [${frame.module}]`;
  return printable(text);
}

/** `foo of module bar`. */
export function functionOfModule(name: string, module: string | undefined): string {
  return printable(module === undefined ? name : `${name} of module ${module}`);
}
