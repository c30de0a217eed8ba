import type { Frame } from '../model/report.ts';
import type { Judged } from './candidates.ts';
import type { Image } from './image.ts';
import type { PlacedFrame } from './resolve.ts';

/** Where the code of a frame is in a file. */
export interface CodeLocation {
  readonly image: Image;
  /** As `elf/address.ts` has addresses. */
  readonly address: number;
  /** The address is where a call returns to. */
  readonly isReturn: boolean;
  /** The file is of the kernel that printed the report, as far as could be told. */
  readonly isSure: boolean;
}

/** Files with the code of a report. */
export interface CodeLocations {
  /** Where a frame of the report may be: at several places if functions of one name and size cannot be told apart. */
  locate(frame: Frame): readonly CodeLocation[];
  /** How far the kernel was moved from the addresses of its file. */
  readonly kaslrOffset?: bigint;
  readonly vmlinux?: Image;
}

/** Where the frames of a report were found. `judged` says what is known of a frame's file. */
export function codeLocations(
  placed: ReadonlyMap<Frame, PlacedFrame>,
  judged: (frame: Frame) => Judged | undefined,
  kaslrOffset: bigint | undefined,
  vmlinux: Image | undefined,
): CodeLocations {
  return {
    locate(frame) {
      const place = placed.get(frame);
      if (place === undefined) return [];
      const match = judged(frame)?.file.match;
      return place.candidates.map((symbol, nth) => {
        const address = symbol.address + place.offset;
        return {
          image: place.image,
          address,
          isReturn: place.lookups[nth] !== address,
          isSure: match === 'certain' || match === 'likely',
        };
      });
    },
    ...(kaslrOffset !== undefined && { kaslrOffset }),
    ...(vmlinux !== undefined && { vmlinux }),
  };
}
