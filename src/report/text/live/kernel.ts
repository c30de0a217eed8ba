import type { LiveDocument } from '../../../model/live.ts';
import { printable } from '../../escape.ts';
import type { Section } from '../section.ts';
import type { Paragraph } from '../spans.ts';
import { hex } from '../words.ts';

const matchWords = {
  certain: 'certain',
  likely: 'likely right',
  unverified: 'UNVERIFIED (--force)',
  refused: 'not used',
} as const;

/** Which kernel it is, where it lies, and how far to believe its names. */
export function kernelSection({ kernel, symbols, trigger }: LiveDocument, all: boolean): Section {
  const { release, architecture, slide, physicalBase, how, banner, buildId } = kernel;
  const place = [
    ...(slide === undefined ? [] : [slide === 0n ? 'not moved by KASLR' : `moved by ${hex(slide)}`]),
    ...(physicalBase === undefined || !all ? [] : [`at physical address ${hex(physicalBase)}`]),
    ...(how === undefined || !all ? [] : [`by ${how}`]),
  ];
  const name = `${release ?? 'of unknown release'}, ${architecture}`;
  const paragraphs: Paragraph[] = [printable([name, ...place].join(', '))];
  if (trigger !== undefined) {
    const cpu = trigger.cpu === undefined ? '' : ` on CPU ${trigger.cpu}`;
    paragraphs.push(printable(`It was let run until ${trigger.words}${cpu}.`));
  }
  if (all && banner !== undefined) paragraphs.push(printable(banner));
  if (all && buildId !== undefined) paragraphs.push(printable(`build ID ${buildId}`));
  const { vmlinux, missing = [] } = symbols ?? {};
  if (vmlinux !== undefined) {
    const reasons = vmlinux.reasons.length === 0 ? '' : `: ${vmlinux.reasons.join('; ')}`;
    paragraphs.push([
      {
        text: printable(`Names are ${matchWords[vmlinux.match]}${reasons} (${vmlinux.path}).`),
        tone: vmlinux.match === 'unverified' ? 'strong' : 'plain',
      },
    ]);
  }
  if (missing.length > 0) paragraphs.push(printable(`Missing: ${missing.join('; ')}.`));
  return { label: 'Kernel', paragraphs };
}
