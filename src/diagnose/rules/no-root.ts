import type { Rule } from '../rule.ts';

/** mount_root_generic() in init/do_mounts.c */
export const noRoot: Rule = {
  name: 'no-root',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('panic/no-root')) return undefined;
    const { rootDevice, partitions } = subject.details('panic') ?? {};
    const asked = /(?:^|\s)root=(\S{1,200})/.exec(subject.report.kernel?.commandLine ?? '')?.[1];
    const device = rootDevice ?? asked;
    const none = partitions !== undefined && partitions.length === 0;
    return {
      confidence: 'certain',
      sentence: `The root file system${device === undefined ? '' : ` (${device})`} could not be mounted: ${none ? 'no block device was found at all, so the driver of the disk is missing (or the initramfs)' : 'the device or the driver of its file system is missing, or root= names another one'}.`,
      evidence: [
        subject.headline(),
        asked === undefined ? undefined : { words: `the command line says root=${asked}` },
        partitions === undefined
          ? undefined
          : subject.said(`partitions found: ${none ? 'none' : partitions.slice(0, 6).join('; ')}`),
      ],
    };
  },
};
