import type { ArchitectureName } from '../model/report.ts';
import type { Architecture } from './architecture.ts';
import { arm } from './arm.ts';
import { arm64 } from './arm64.ts';
import { i386 } from './i386.ts';
import { loongarch64 } from './loongarch64.ts';
import { mips } from './mips.ts';
import { ppc64 } from './ppc64.ts';
import { riscv64 } from './riscv64.ts';
import { s390x } from './s390x.ts';
import { x8664 } from './x86-64.ts';

/** All that are known, the most common first. */
export const architectures: readonly Architecture[] = [
  x8664,
  arm64,
  arm,
  i386,
  riscv64,
  ppc64,
  s390x,
  mips,
  loongarch64,
];

/** The architecture of that name, `undefined` for `unknown`. */
export function architectureByName(name: ArchitectureName): Architecture | undefined {
  return architectures.find((a) => a.name === name);
}

/**
 * Which architecture printed these lines, by the marks of each. Every mark counts once, however often it shows:
 * otherwise a long trace of one architecture's addresses would outvote a register dump of another.
 */
export function recogniseArchitecture(texts: Iterable<string>): Architecture | undefined {
  const open = architectures.map((architecture) => ({ architecture, score: 0, marks: [...architecture.marks] }));
  for (const text of texts) {
    for (const candidate of open) {
      for (let i = candidate.marks.length - 1; i >= 0; i--) {
        const mark = candidate.marks[i];
        if (mark?.pattern.test(text) !== true) continue;
        candidate.score += mark.weight;
        candidate.marks.splice(i, 1);
      }
    }
  }
  let best: { architecture: Architecture; score: number } | undefined;
  for (const candidate of open) {
    if (candidate.score > 0 && (best === undefined || candidate.score > best.score)) best = candidate;
  }
  return best?.architecture;
}
