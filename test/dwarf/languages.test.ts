import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesOf, llvmFrames, needing, run, sourceFolder, withDebugInfo } from './toolchain.ts';

const cpp = `
namespace space {
struct Counter {
	int count = 0;
	inline __attribute__((always_inline)) int bump(int by) { volatile int sum = count + by; return sum; }
	__attribute__((noinline)) int twice(int by);
	static __attribute__((noinline)) int fixed(int by) { volatile int sum = by * 5; return sum; }
};
template <typename Kind> __attribute__((noinline)) Kind largest(Kind a, Kind b) { return a > b ? a : b; }
}
int space::Counter::twice(int by) { return bump(by) + bump(by + 1); }
int main(int argc, char **argv)
{
	struct Local { static __attribute__((noinline)) int inner(int a) { volatile int b = a; return b; } };
	space::Counter counter;
	return counter.twice(argc) + space::Counter::fixed(argc) + space::largest(argc, 3) + Local::inner(argc);
}
`;

const rust = `
use std::hint::black_box;
pub trait Shape { fn area(&self, by: u32) -> u32; }
pub struct Square(u32);
impl Shape for Square {
    #[inline(never)]
    fn area(&self, by: u32) -> u32 { stretch(self.0, by) * self.0 }
}
#[inline(always)]
fn stretch(a: u32, by: u32) -> u32 {
    black_box(a.wrapping_mul(by))
}
#[inline(never)]
pub fn generic<T: Shape>(shape: &T) -> u32 { shape.area(black_box(3)) + shape.area(4) }
fn main() {
    let call = |x: u32| black_box(x) + generic(&Square(x));
    std::process::exit(black_box(call(black_box(2))) as i32 & 1);
}
`;

let folder = '';

beforeAll(() => {
  folder = sourceFolder();
  writeFileSync(join(folder, 'made.cpp'), cpp);
  writeFileSync(join(folder, 'made.rs'), rust);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Build {
  readonly tool: string;
  readonly source: string;
  readonly flags: readonly string[];
  /** Names of the symbols of our own functions. */
  readonly own: RegExp;
}

const builds: readonly Build[] = [
  ...(['-gdwarf-5', '-gdwarf-4'] as const).flatMap((version) =>
    [[], ['-fdebug-types-section']].map((more) => ({
      tool: 'g++',
      source: 'made.cpp',
      flags: ['-O2', version, ...more],
      own: /^(?:_ZN5space|_ZZ4main|main$)/,
    })),
  ),
  {
    tool: 'clang++',
    source: 'made.cpp',
    flags: ['-O2', '-g', '-fdebug-types-section'],
    own: /^(?:_ZN5space|_ZZ4main|main$)/,
  },
  {
    tool: 'rustc',
    source: 'made.rs',
    flags: ['-g', '-O', '-C', 'symbol-mangling-version=v0', '--crate-name', 'made'],
    own: /^_R.*4made/,
  },
  {
    tool: 'rustc',
    source: 'made.rs',
    flags: ['-g', '-C', 'opt-level=1', '--crate-name', 'made'],
    own: /^_(?:R|ZN).*4made/,
  },
];

describe('other languages', () => {
  for (const [nth, { tool, source, flags, own }] of builds.entries()) {
    const { title, skip } = needing(`${tool} ${flags.join(' ')}`, [tool, 'nm', 'llvm-symbolizer']);
    test.skipIf(skip)(title, async () => {
      const name = `language-${nth}`;
      run(folder, tool, ...flags, '-o', name, source);
      const path = join(folder, name);
      const addresses = addressesOf(path, own).filter((_, each) => each % 3 === 0);
      expect(addresses.length).toBeGreaterThan(20);
      const expected = llvmFrames(path, addresses, '--no-demangle');
      await withDebugInfo(path, ({ info }) => {
        const found = info.resolve(addresses);
        expect(info.problems).toEqual([]);
        const differing = addresses.flatMap((address, each) => {
          const theirs = expected[each] ?? [];
          const ours = (found[each] ?? []).map(({ function: called, line = 0 }) => `${called}:${line}`);
          // What has no linkage name is called by its own; the tool takes the outermost from the symbols then.
          const wanted = theirs.map(({ function: called, line }, depth) => {
            const own = found[each]?.[depth]?.function;
            return `${own !== undefined && called.includes(`${own.length}${own}`) ? own : called}:${line}`;
          });
          return ours.join() === wanted.join() ? [] : [{ address: address.toString(16), ours, wanted }];
        });
        expect(differing.slice(0, 5)).toEqual([]);
        expect(found.some((frames) => frames.length > 1)).toBe(true);
      });
    });
  }
});
