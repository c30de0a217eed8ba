// Scores the disassembly of `Code:` lines against syzkaller's, whose listings are objdump's: npm run score does it.
//   node bench/score-decompile.js CORPUS [--verbose]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { disassembleCode, tellsOfFault } from '../dist/code/code-dump.js';

const here = dirname(fileURLToPath(import.meta.url));
const [corpus = '', ...flags] = process.argv.slice(2);
const verbose = flags.includes('--verbose');
const suite = join(corpus, 'syzkaller-decompile');
if (!existsSync(suite)) {
  console.log('syzkaller-decompile: not there');
  process.exit(0);
}

const cases = readdirSync(suite).sort();
const logs = cases.map((name) => join(suite, name, 'log.txt'));
const ktriage = join(here, '..', 'bin', 'ktriage.js');
const analysis = spawnSync(process.execPath, [ktriage, 'analyze', '--format', 'json', ...logs], {
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
const files = new Map(JSON.parse(analysis.stdout).files.map((file) => [file.path, file.reports]));

const plain = (text) =>
  text
    .replace(/\s*(?:\/\/|#) .*$/, '')
    .replace(/\s+/g, ' ')
    .replace(/0xf{8}([0-9a-f]{8})\b/g, '0x$1')
    .trim();
const brief = (list) => list.map(({ offset, trapping }) => `${offset}${trapping ? '*' : ''}`).join(' ');
const tally = { cases: 0, offsets: 0, skipped: 0, texts: 0, of: 0 };
for (const [nth, name] of cases.entries()) {
  const expected = JSON.parse(readFileSync(join(suite, name, 'expected.json'), 'utf8'));
  const [report] = files.get(logs[nth]) ?? [];
  const dump = (report?.code ?? []).find(({ mode }) => mode === 'kernel');
  const code = dump && (await disassembleCode(dump, report.architecture));
  const lines = code !== undefined && tellsOfFault(dump, code) ? code.lines : [];
  const [first] = lines;
  const got = lines.map(({ line }) => ({
    offset: line.offset - first.line.offset,
    trapping: line.marked === true,
    text: plain(line.text),
  }));
  tally.cases++;
  const want = expected.instructions.map((each) => ({ ...each, text: plain(each.instruction) }));
  if (brief(got) === brief(want)) tally.offsets++;
  else if (verbose) console.log(`${name}: offsets ${brief(want)}, got ${brief(got)}`);
  if ((expected.bytesSkipped ?? 0) === (lines.length === 0 ? 0 : code.skippedBytes)) tally.skipped++;
  for (const [at, { text }] of want.entries()) {
    tally.of++;
    if (got[at]?.text === text) tally.texts++;
    else if (verbose) console.log(`${name}: ${text}, got ${got[at]?.text}`);
  }
}
console.log(
  `syzkaller-decompile: instruction offsets ${tally.offsets}/${tally.cases}, skipped bytes ${tally.skipped}/${tally.cases}, ` +
    `texts ${tally.texts}/${tally.of}`,
);
