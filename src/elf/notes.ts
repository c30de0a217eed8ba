import { type ElfLayout, segmentType } from './constants.ts';
import { Fields } from './fields.ts';
import type { ProgramHeader } from './program-headers.ts';

/** An entry of a note section or segment: `GNU` 3 is the build ID, `VMCOREINFO` is in dumps and /proc/kcore. */
export interface ElfNote {
  readonly name: string;
  readonly type: number;
  readonly description: Uint8Array;
}

/** So many bytes of notes are looked at in all: those of dumps have some hundred bytes for each CPU. */
export const maxNoteBytes = 16_777_216;
const maxNotes = 65_536;

/** Notes that follow each other, each padded to `alignment` (4, rarely 8). Stops where they make no sense. */
export function parseNotes(bytes: Uint8Array, alignment: number, layout: ElfLayout): ElfNote[] {
  const fields = new Fields(bytes, layout);
  // Some linkers say 0, 1 or 2 for sections whose notes are padded to 4 (gABI: to 8 only if it says so).
  const unit = alignment === 8 ? 8 : 4;
  const padded = (size: number): number => Math.ceil(size / unit) * unit;
  const notes: ElfNote[] = [];
  let at = 0;
  while (at + 12 <= bytes.length && notes.length < maxNotes) {
    const nameBytes = fields.u32(at);
    const descriptionBytes = fields.u32(at + 4);
    const descriptionAt = at + padded(12 + nameBytes);
    const end = descriptionAt + descriptionBytes;
    if (end > bytes.length) break;
    const name = Buffer.from(bytes.subarray(at + 12, at + 12 + nameBytes)).toString('latin1');
    notes.push({
      name: name.split('\0', 1)[0] ?? '',
      type: fields.u32(at + 8),
      description: bytes.subarray(descriptionAt, end),
    });
    at = padded(end);
  }
  return notes;
}

/** The build ID among notes, in hex: type NT_GNU_BUILD_ID of `GNU`. */
export function buildIdOf(notes: Iterable<ElfNote>): string | undefined {
  for (const { name, type, description } of notes) {
    if (name === 'GNU' && type === 3 && description.length > 0 && description.length <= 64)
      return Buffer.from(description).toString('hex');
  }
  return undefined;
}

/**
 * CONFIG_BUILD_SALT, which a kernel and its modules have in a note (include/linux/build-salt.h, since 4.18). Debian,
 * Fedora and RHEL put the release there, so that debug files without any contents have it still.
 */
export function buildSaltOf(notes: Iterable<ElfNote>): string | undefined {
  for (const { name, type, description } of notes)
    if (name === 'Linux' && type === 0x100) return Buffer.from(description).toString('latin1').split('\0', 1)[0];
  return undefined;
}

/** Segments that hold notes. */
export function noteSegments(programHeaders: readonly ProgramHeader[]): ProgramHeader[] {
  return programHeaders.filter(({ type }) => type === segmentType.note);
}
