import { basename } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { aliasesOf, type Comparison, compare, type Question } from './compare.ts';
import type { Kernel } from './table.ts';
import { randomPlaces, textSymbols } from './text-symbols.ts';
import { askElfutils, askKtriage, askLlvm, askLlvmAboutModule, isInstalled, linkerOf } from './tools.ts';

/** Of the answers that llvm-symbolizer and eu-addr2line agree on, so many are ours as well. */
const leastEqual = 0.998;
const vmlinuxPlaces = Number(process.env.KTRIAGE_KERNELS_PLACES) || 10_000;
const modulePlaces = 400;
const seed = 6_1;

const kernels = inject('kernels');
const say = (text: string): void => void process.stderr.write(`test:kernels: ${text}\n`);

const missing = ['llvm-symbolizer', 'eu-addr2line', 'eu-readelf'].filter((tool) => !isInstalled(tool));
if (missing.length > 0 && kernels.length > 0)
  say(`addresses: SKIPPED, not installed: ${missing.join(', ')} (Debian: apt-get install llvm elfutils)`);

const stepOf = (kernel: Kernel): number => (kernel.architecture === 'arm64' ? 4 : 1);

function tell(what: string, { agreed, equal, onlyOurs, differences, disputed }: Comparison): void {
  const share = ((100 * equal) / agreed).toFixed(2);
  say(
    `${what}: ${equal} of ${agreed} as both tools have it (${share}%), ` +
      `with ${onlyOurs} for which only we have a line; of those that they dispute, ` +
      `${disputed.llvm} as llvm, ${disputed.elfutils} as elfutils, ${disputed.neither.length} as neither`,
  );
  for (const difference of differences) say(`${what}: differs at ${difference}`);
  for (const difference of disputed.neither) say(`${what}: as neither at ${difference}`);
}

function expectEqual({ agreed, equal, differences }: Comparison, places: number): void {
  expect(agreed).toBeGreaterThan(places * 0.9);
  expect(equal / agreed, differences.join('\n')).toBeGreaterThanOrEqual(leastEqual);
}

// A file without any test is an error to vitest.
describe.skipIf(kernels.length > 0)('addresses', () => {
  test.skip('SKIPPED, there is no kernel', () => {});
});

describe.skipIf(missing.length > 0).each(kernels)('addresses of $name', (kernel) => {
  test('vmlinux', () => {
    const symbols = textSymbols(kernel.vmlinux, new Set(['.text']));
    const places = randomPlaces(symbols, vmlinuxPlaces, seed, stepOf(kernel));
    const addresses = places.map(({ address }) => address);
    const inputs = addresses.map((address) => `0x${address.toString(16)}`);
    const llvm = askLlvm(kernel.vmlinux, addresses);
    const elfutils = askElfutils(kernel.vmlinux, addresses);
    const ours = askKtriage(['--vmlinux', kernel.vmlinux], inputs);
    expect([llvm.length, elfutils.length, ours.length]).toEqual([places.length, places.length, places.length]);
    const aliases = aliasesOf(symbols);
    const comparison = compare(
      places.map(
        ({ symbol, offset }, nth): Question => ({
          where: `${inputs[nth]} (${symbol.name}+0x${offset.toString(16)})`,
          symbol,
          aliases: aliases(symbol),
          llvm: llvm[nth] ?? [],
          elfutils: elfutils[nth] ?? [],
          ours: ours[nth] ?? [],
        }),
      ),
    );
    tell(`${kernel.name} vmlinux`, comparison);
    expectEqual(comparison, places.length);
  });

  const linker = linkerOf(kernel);
  const hasLinker = isInstalled(linker);
  if (!hasLinker)
    say(`${kernel.name} modules: SKIPPED, llvm-symbolizer needs them linked, and ${linker} is not installed`);

  test.skipIf(!hasLinker).each(kernel.modules.map((path) => [basename(path), path]))('%s', (file, path) => {
    const symbols = textSymbols(path, new Set(['.text', '.text.unlikely', '.init.text', '.exit.text']));
    const places = randomPlaces(symbols, modulePlaces, seed, stepOf(kernel));
    const asked = places.map(({ symbol, address }) => ({ section: symbol.section, address }));
    const llvm = askLlvmAboutModule(linker, path, asked);
    const inputs = asked.map(({ section, address }) => `${section}+0x${address.toString(16)}`);
    const ours = askKtriage(['--module', path], inputs);
    const aliases = aliasesOf(symbols);
    const questions: Question[] = [];
    for (const section of new Set(asked.map((place) => place.section))) {
      const these = places.flatMap(({ symbol }, nth) => (symbol.section === section ? [nth] : []));
      const elfutils = askElfutils(
        path,
        these.map((nth) => asked[nth]?.address ?? 0n),
        section,
      );
      for (const [at, nth] of these.entries()) {
        const place = places[nth];
        if (place === undefined) continue;
        const { symbol, offset } = place;
        questions.push({
          where: `${inputs[nth]} (${symbol.name}+0x${offset.toString(16)})`,
          symbol,
          aliases: aliases(symbol),
          llvm: llvm[nth] ?? [],
          elfutils: elfutils[at] ?? [],
          ours: ours[nth] ?? [],
        });
      }
    }
    const comparison = compare(questions);
    tell(`${kernel.name} ${file}`, comparison);
    expectEqual(comparison, places.length);
  });
});
